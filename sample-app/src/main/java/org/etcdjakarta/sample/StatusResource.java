package org.etcdjakarta.sample;

import io.etcd.jetcd.Response;
import io.etcd.jetcd.options.GetOption;
import jakarta.annotation.Resource;
import jakarta.enterprise.context.RequestScoped;
import jakarta.json.Json;
import jakarta.resource.ResourceException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;

/** Which cluster this is, asked through a handle of the connector. */
@Path("status")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class StatusResource {

    @SuppressWarnings("NullAway.Init") // the container injects it
    @Resource(name = "eis/etcd")
    EtcdConnectionFactory factory;

    @GET
    public String status() throws ResourceException {
        try (EtcdConnection etcd = factory.getConnection()) {
            Response.Header header = Keys.await(etcd.kv()
                            .get(
                                    Keys.bytes(LiveFeed.PREFIX),
                                    GetOption.builder().withCountOnly(true).build()))
                    .getHeader();
            return Json.createObjectBuilder()
                    .add("cluster", Long.toHexString(header.getClusterId()))
                    .add("member", Long.toHexString(header.getMemberId()))
                    .add("revision", header.getRevision())
                    .build()
                    .toString();
        }
    }
}
