package org.etcdjakarta.rar;

import static java.util.stream.Collectors.joining;
import static org.etcdjakarta.rar.Archive.elements;
import static org.etcdjakarta.rar.Archive.texts;

import jakarta.resource.spi.ConfigProperty;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.w3c.dom.Element;

/** A configuration property, as {@code ra.xml} and as the annotation of a setter declares it. */
record DeclaredProperty(String name, String type, String description, boolean dynamic, boolean confidential) {

    private static final Pattern NAME = Pattern.compile("<config-property-name>([^<]+)<");

    /** What names a bean, and the properties that follow it, with the required ones of an activation specification between. */
    private static final Pattern BEAN = Pattern.compile(
            "( *)<(?:resourceadapter|managedconnectionfactory|activationspec|adminobject)-class>([^<]+)<[^>]*>\\n"
                    + "(?: *<required-config-property>.*?</required-config-property>\\n)*"
                    + "((?: *<config-property>.*?</config-property>\\n)*)",
            Pattern.DOTALL);

    /** Of a bean, by name. */
    static Map<String, DeclaredProperty> annotated(String bean) {
        try {
            return Arrays.stream(Class.forName(bean).getMethods())
                    .filter(method -> method.isAnnotationPresent(ConfigProperty.class))
                    .map(DeclaredProperty::of)
                    .collect(Collectors.toMap(
                            DeclaredProperty::name, property -> property, DeclaredProperty::twice, TreeMap::new));
        } catch (ClassNotFoundException e) {
            throw new AssertionError(bean, e);
        }
    }

    private static DeclaredProperty twice(DeclaredProperty one, DeclaredProperty two) {
        throw new AssertionError(one + " and " + two);
    }

    private static DeclaredProperty of(Method setter) {
        ConfigProperty annotation = setter.getAnnotation(ConfigProperty.class);
        return new DeclaredProperty(
                name(setter),
                setter.getParameterTypes()[0].getName(),
                String.join(" ", annotation.description()),
                annotation.supportsDynamicUpdates(),
                annotation.confidential());
    }

    static String name(Method setter) {
        return Character.toLowerCase(setter.getName().charAt(3))
                + setter.getName().substring(4);
    }

    /** Right below the element, by name. */
    static Map<String, DeclaredProperty> described(Element parent) {
        return elements(parent, "config-property").stream()
                .filter(property -> property.getParentNode().isSameNode(parent))
                .map(DeclaredProperty::of)
                .collect(Collectors.toMap(
                        DeclaredProperty::name, property -> property, DeclaredProperty::twice, TreeMap::new));
    }

    private static DeclaredProperty of(Element property) {
        return new DeclaredProperty(
                texts(property, "config-property-name").get(0),
                texts(property, "config-property-type").get(0),
                texts(property, "description").get(0),
                texts(property, "config-property-supports-dynamic-updates").contains("true"),
                texts(property, "config-property-confidential").contains("true"));
    }

    /** Puts what is annotated into the descriptor; known properties keep their place. */
    static void rewrite(Path descriptor) throws IOException {
        String text = Files.readString(descriptor);
        Files.writeString(
                descriptor, BEAN.matcher(text).replaceAll(match -> Matcher.quoteReplacement(rewritten(match))));
    }

    private static String rewritten(MatchResult bean) {
        Map<String, DeclaredProperty> properties = annotated(bean.group(2));
        Set<String> order = NAME.matcher(bean.group(3))
                .results()
                .map(match -> match.group(1))
                .filter(properties::containsKey)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        order.addAll(properties.keySet());
        String before =
                bean.group().substring(0, bean.group().length() - bean.group(3).length());
        return before
                + order.stream()
                        .map(name -> properties.get(name).element(bean.group(1)))
                        .collect(joining());
    }

    private String element(String indent) {
        String escaped = description.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        return indent + "<config-property>\n"
                + indent + "  <description>" + escaped + "</description>\n"
                + indent + "  <config-property-name>" + name + "</config-property-name>\n"
                + indent + "  <config-property-type>" + type + "</config-property-type>\n"
                + flag(indent, "config-property-supports-dynamic-updates", dynamic)
                + flag(indent, "config-property-confidential", confidential)
                + indent + "</config-property>\n";
    }

    private static String flag(String indent, String name, boolean set) {
        return set ? indent + "  <" + name + ">true</" + name + ">\n" : "";
    }
}
