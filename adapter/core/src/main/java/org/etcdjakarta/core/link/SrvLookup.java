package org.etcdjakarta.core.link;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Hashtable;
import java.util.List;
import java.util.ServiceLoader;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.NoInitialContextException;
import javax.naming.directory.Attribute;
import javax.naming.directory.DirContext;
import javax.naming.spi.InitialContextFactory;

/**
 * SRV records, by the JDK's DNS client. It is taken from its module and not through {@code InitialContext}: application servers
 * put a factory of their own behind that one, which looks for classes with the class loader of whoever calls.
 */
final class SrvLookup {

    /** The servers of the operating system's configuration. */
    static final String SYSTEM_SERVERS = "dns:";

    private static final String FACTORY = "com.sun.jndi.dns.DnsContextFactory";

    private final String servers;

    /** @param servers {@code dns:} or {@code dns://host:port} */
    SrvLookup(String servers) {
        this.servers = servers;
    }

    /**
     * Those of all records, the preferred ones first: a round robin uses all. Blocks for about 7 seconds at most. What the DNS
     * context gives are texts and bytes; there are no objects that it could be made to deserialize.
     */
    @SuppressWarnings({"BanJNDI", "JdkObsolete"})
    List<Endpoint> find(Endpoint service) throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.PROVIDER_URL, servers);
        environment.put("com.sun.jndi.dns.timeout.initial", "1000");
        environment.put("com.sun.jndi.dns.timeout.retries", "3");
        Context context = factory().getInitialContext(environment);
        try {
            Attribute records = ((DirContext) context)
                    .getAttributes(service.host(), new String[] {"SRV"})
                    .get("SRV");
            List<Endpoint> found = records == null ? List.of() : endpoints(records, service.tls());
            if (found.isEmpty()) {
                throw new NamingException("no SRV records");
            }
            return found;
        } finally {
            context.close();
        }
    }

    private static InitialContextFactory factory() throws NamingException {
        return ServiceLoader.load(InitialContextFactory.class, ClassLoader.getPlatformClassLoader()).stream()
                .filter(provider -> provider.type().getName().equals(FACTORY))
                .findFirst()
                .orElseThrow(() -> new NoInitialContextException("this Java has no module jdk.naming.dns"))
                .get();
    }

    private static List<Endpoint> endpoints(Attribute records, boolean tls) throws NamingException {
        List<Srv> found = new ArrayList<>();
        NamingEnumeration<?> all = records.getAll();
        while (all.hasMore()) {
            // priority, weight, port, target
            String[] fields = String.valueOf(all.next()).split(" ", 4);
            String target = fields[3].endsWith(".") ? fields[3].substring(0, fields[3].length() - 1) : fields[3];
            // "." alone says that the service is decidedly not there
            if (!target.isEmpty()) {
                found.add(new Srv(
                        Integer.parseInt(fields[0]),
                        Integer.parseInt(fields[1]),
                        new Endpoint(tls, target, Integer.parseInt(fields[2]))));
            }
        }
        found.sort(Comparator.comparingInt(Srv::priority)
                .thenComparing(Comparator.comparingInt(Srv::weight).reversed()));
        return found.stream().map(Srv::endpoint).distinct().toList();
    }

    private record Srv(int priority, int weight, Endpoint endpoint) {}
}
