package org.example.cassandra;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.exceptions.AuthenticationException;
import org.apache.cassandra.exceptions.ConfigurationException;
import org.example.sasl.Accounts;
import org.example.sasl.SaslServers;
import org.example.sasl.Tokens;

/**
 * The properties file that `-Dorg.example.sasl.configuration` names. `NAME.ADDRESS=…` is for the node with that address only.
 * README.md lists the names.
 */
final class Settings {
    private static final List<String> OF_EXCHANGES = List.of(
        "service", "host", "realms", "iterations", "max-iterations", "channel-binding", "channel-binding-type", "principal", "keytab",
        "openid-configuration");

    private final Properties properties;
    private final String address = DatabaseDescriptor.getRpcAddress().getHostAddress();

    private Settings(Properties properties) {
        this.properties = properties;
    }

    /** Reads the file each time: a file of this size costs less than the login that needs it. */
    static Settings load() {
        String path = System.getProperty("org.example.sasl.configuration");
        if (path == null) throw new ConfigurationException("-Dorg.example.sasl.configuration names no file");
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(path))) {
            properties.load(reader);
        } catch (IOException error) {
            throw new ConfigurationException("the settings of SASL can not be read", error);
        }
        return new Settings(properties);
    }

    String get(String name, String otherwise) {
        return properties.getProperty(name + "." + address, properties.getProperty(name, otherwise));
    }

    boolean isNegotiated() {
        return get("negotiate", null) != null;
    }

    /** The mechanisms that a client may choose. */
    Set<String> mechanisms() {
        return new LinkedHashSet<>(List.of(get("negotiate", "").split(" ")));
    }

    boolean isProofInChallenge() {
        return get("proof", "challenge").equals("challenge");
    }

    SaslServer newServer(String mechanism, Certificate[] certificates) throws SaslException {
        Map<String, String> options = new HashMap<>();
        // DIGEST-MD5: clients send the address that they have connected to, unless they have a name.
        options.put("host", address);
        for (String name : OF_EXCHANGES) if (get(name, null) != null) options.put(name, get(name, null));
        String principal = options.get("principal");
        if (principal != null) options.put("realm", principal.substring(principal.indexOf('@') + 1));
        if (mechanism.equals("EXTERNAL")) options.put("external", commonName(certificates));
        return SaslServers.create(get("provider", usualProvider(mechanism)), mechanism, options, accounts());
    }

    private static String usualProvider(String mechanism) {
        switch (mechanism) {
            case "CRAM-MD5": case "GSSAPI": return "jdk";
            // Elytron's mechanism does not follow RFC 7628.
            case "OAUTHBEARER": return "kafka";
            default: return "elytron";
        }
    }

    /**
     * If `require_client_auth` is on, Cassandra has checked the chain. If it is off, Cassandra asks for no certificate.
     */
    private static String commonName(Certificate[] certificates) throws SaslException {
        if (certificates == null || certificates.length == 0) throw new AuthenticationException("EXTERNAL needs a client certificate");
        String subject = ((X509Certificate) certificates[0]).getSubjectX500Principal().getName();
        try {
            List<Rdn> parts = new LdapName(subject).getRdns();
            // Backwards: the first part of CN=alice,CN=Users,DC=example is DC=example.
            for (int index = parts.size() - 1; index >= 0; index--) {
                Rdn part = parts.get(index);
                if (part.getType().equalsIgnoreCase("CN")) return String.valueOf(part.getValue());
            }
        } catch (InvalidNameException error) {
            throw new SaslException(subject, error);
        }
        throw new SaslException("the certificate of " + subject + " has no common name");
    }

    private Accounts accounts() {
        Accounts accounts = new Accounts();
        if (get("jwks", null) != null) accounts.trust(new Tokens(get("jwks", null), get("issuer", null), get("audience", null)));
        for (String name : properties.stringPropertyNames()) {
            String value = properties.getProperty(name);
            if (name.startsWith("user.")) accounts.addUser(name.substring(5), value);
            if (name.startsWith("token.")) accounts.addToken(name.substring(6), value);
            if (name.startsWith("proxy.")) for (String role : value.split(" ")) accounts.addProxy(name.substring(6), role);
        }
        return accounts;
    }
}
