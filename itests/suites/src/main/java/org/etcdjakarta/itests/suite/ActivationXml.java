package org.etcdjakarta.itests.suite;

import org.etcdjakarta.EtcdWatchListener;
import org.jboss.shrinkwrap.api.asset.StringAsset;

/** A deployment descriptor that activates a bean, for applications that differ in nothing else. */
final class ActivationXml {

    private ActivationXml() {}

    /** @param properties {@code name=value} each */
    static StringAsset of(Class<? extends EtcdWatchListener> bean, String... properties) {
        StringBuilder xml = new StringBuilder(
                """
                <ejb-jar xmlns="https://jakarta.ee/xml/ns/jakartaee" version="4.0">
                  <enterprise-beans><message-driven>
                """);
        xml.append("<ejb-name>").append(bean.getSimpleName()).append("</ejb-name>");
        xml.append("<ejb-class>").append(bean.getName()).append("</ejb-class>");
        xml.append("<messaging-type>").append(EtcdWatchListener.class.getName()).append("</messaging-type>");
        xml.append("<transaction-type>Container</transaction-type>");
        xml.append("<activation-config>");
        for (String property : properties) {
            String[] parts = property.split("=", 2);
            xml.append("<activation-config-property><activation-config-property-name>")
                    .append(parts[0])
                    .append("</activation-config-property-name><activation-config-property-value>")
                    .append(parts[1])
                    .append("</activation-config-property-value></activation-config-property>");
        }
        return new StringAsset(xml.append("</activation-config></message-driven></enterprise-beans></ejb-jar>")
                .toString());
    }
}
