package org.example.sasl;

import java.security.Security;
import java.util.HashMap;
import java.util.Map;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import javax.security.sasl.SaslServerFactory;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerSaslServer;
import org.apache.kafka.common.security.plain.internals.PlainSaslServer;
import org.apache.kafka.common.security.scram.internals.ScramSaslServer;
import org.wildfly.security.password.WildFlyElytronPasswordProvider;
import org.wildfly.security.sasl.anonymous.AnonymousServerFactory;
import org.wildfly.security.sasl.digest.DigestServerFactory;
import org.wildfly.security.sasl.external.ExternalSaslServerFactory;
import org.wildfly.security.sasl.oauth2.OAuth2SaslServerFactory;
import org.wildfly.security.sasl.plain.PlainSaslServerFactory;

/** The SASL servers of the JDK (`jdk`), WildFly Elytron (`elytron`) and Kafka (`kafka`). */
public final class SaslServers {
    static {
        // Without it Elytron finds no password type: ELY05051, ELY05063.
        Security.addProvider(WildFlyElytronPasswordProvider.getInstance());
    }

    private SaslServers() {}

    /**
     * The server side of one exchange. The options are optional, unless marked as required: service (`cassandra`) and host
     * (`localhost`), which DIGEST-MD5 compares with the client's values; realms (DIGEST-MD5, separated by spaces); iterations
     * (SCRAM, 4096) and max-iterations (Elytron's own limit is 32768); external (EXTERNAL: the user in the certificate);
     * channel-binding (SCRAM-…-PLUS: its data, base64) and channel-binding-type; principal and keytab (GSSAPI, required), realm
     * (GSSAPI: its users have names without the realm).
     */
    public static SaslServer create(String provider, String mechanism, Map<String, String> options, Accounts accounts)
        throws SaslException {
        Map<String, String> properties = new HashMap<>();
        if (options.containsKey("realms")) properties.put("com.sun.security.sasl.digest.realm", options.get("realms"));
        if (options.containsKey("max-iterations")) {
            properties.put("wildfly.sasl.scram.max-iteration-count", options.get("max-iterations"));
        }
        Callbacks callbacks = new Callbacks(mechanism, options, accounts);
        if (mechanism.equals("GSSAPI")) return KerberosServer.create(options, properties, callbacks);
        String service = options.getOrDefault("service", "cassandra");
        String host = options.getOrDefault("host", "localhost");
        SaslServer server = provider.equals("jdk")
            ? Sasl.createSaslServer(mechanism, service, host, properties, callbacks)
            : factory(provider, mechanism).createSaslServer(mechanism, service, host, properties, callbacks);
        if (server == null) throw new SaslException(provider + " has no server for " + mechanism);
        return server;
    }

    private static SaslServerFactory factory(String provider, String mechanism) throws SaslException {
        boolean kafka = provider.equals("kafka");
        if (mechanism.startsWith("SCRAM-")) {
            return kafka
                ? new ScramSaslServer.ScramSaslServerFactory()
                : new org.wildfly.security.sasl.scram.ScramSaslServerFactory();
        }
        switch (mechanism) {
            case "PLAIN": return kafka ? new PlainSaslServer.PlainSaslServerFactory() : new PlainSaslServerFactory();
            case "OAUTHBEARER":
                return kafka ? new OAuthBearerSaslServer.OAuthBearerSaslServerFactory() : new OAuth2SaslServerFactory();
            case "DIGEST-MD5": return new DigestServerFactory();
            case "EXTERNAL": return new ExternalSaslServerFactory();
            case "ANONYMOUS": return new AnonymousServerFactory();
            default: throw new SaslException("no factory for " + mechanism);
        }
    }
}
