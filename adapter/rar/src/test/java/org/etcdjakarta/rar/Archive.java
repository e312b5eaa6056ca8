package org.etcdjakarta.rar;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The archive that the build has made. */
final class Archive {

    private final Path file = Path.of(System.getProperty("archive"));

    /** Names of all entries. */
    List<String> entries() {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.stream().map(ZipEntry::getName).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> jars() {
        return entries().stream().filter(name -> name.endsWith(".jar")).toList();
    }

    /** In bytes. */
    long size(String entry) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.getEntry(entry).getSize();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The jars that hold each class, by the class file's name without the prefix of a multi-release version. */
    Map<String, List<String>> jarsByClass() {
        Map<String, List<String>> found = new TreeMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (String jar : jars()) {
                try (ZipInputStream in = new ZipInputStream(zip.getInputStream(zip.getEntry(jar)))) {
                    for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                        String name = entry.getName();
                        if (name.endsWith(".class") && !name.endsWith("module-info.class")) {
                            found.computeIfAbsent(withoutVersion(name), key -> new ArrayList<>())
                                    .add(jar);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static String withoutVersion(String name) {
        return name.replaceFirst("^META-INF/versions/\\d+/", "");
    }

    /** Root element of one of the descriptors; nothing is loaded from elsewhere. */
    Element descriptor(String name) {
        try (ZipFile zip = new ZipFile(file.toFile());
                InputStream in = zip.getInputStream(zip.getEntry("META-INF/" + name))) {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            Document document = factory.newDocumentBuilder().parse(in);
            return document.getDocumentElement();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ParserConfigurationException | SAXException e) {
            throw new AssertionError(name, e);
        }
    }

    /** Texts of all elements of this name below the element. */
    static List<String> texts(Element element, String name) {
        return elements(element, name).stream()
                .map(Element::getTextContent)
                .map(String::strip)
                .toList();
    }

    static List<Element> elements(Element element, String name) {
        NodeList nodes = element.getElementsByTagName(name);
        List<Element> found = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add((Element) nodes.item(i));
        }
        return found;
    }
}
