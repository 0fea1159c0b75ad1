package org.example.cassandra;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.util.Set;
import org.apache.cassandra.auth.PasswordAuthenticator;
import org.apache.cassandra.exceptions.AuthenticationException;
import org.apache.cassandra.exceptions.ConfigurationException;
import org.apache.cassandra.service.ClientState;
import org.apache.cassandra.transport.messages.AuthenticateMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logins with any SASL mechanism. The properties file is read for every connection. This class extends PasswordAuthenticator,
 * because with any other class Cassandra refuses CREATE ROLE WITH PASSWORD.
 */
public class SaslAuthenticator extends PasswordAuthenticator {
    private static final Logger logger = LoggerFactory.getLogger(SaslAuthenticator.class);
    private static final String DSE = "com.datastax.bdp.cassandra.auth.DseAuthenticator";

    @Override
    public void validateConfiguration() throws ConfigurationException {
        super.validateConfiguration();
        Settings.load();
    }

    /** The name in AUTHENTICATE. From 5.0 on an authenticator returns it; 4.1 sends the name of its class. */
    @Override
    public AuthenticateMessage getAuthenticateMessage(ClientState state) {
        Settings settings = Settings.load();
        String usual = settings.get("announce", settings.isNegotiated() ? DSE : getClass().getName());
        InetSocketAddress client = state.getRemoteAddress();
        return new AuthenticateMessage(
            client == null ? usual : settings.get("announce.from." + client.getAddress().getHostAddress(), usual));
    }

    /** 4.1 calls this. Its certificates have an outdated type, so they are not used. */
    @Override
    public SaslNegotiator newSaslNegotiator(InetAddress client) {
        return newSaslNegotiator(client, null);
    }

    /** Called with the first token of a connection. @param certificates of the client, or null */
    @Override
    public SaslNegotiator newSaslNegotiator(InetAddress client, Certificate[] certificates) {
        Settings settings = Settings.load();
        if (settings.isNegotiated()) {
            return new DseNegotiation(name -> negotiated(settings, name, certificates));
        }
        String mechanism = settings.get("mechanism.from." + client.getHostAddress(), settings.get("mechanism", null));
        return mechanism == null ? super.newSaslNegotiator(client) : open(settings, mechanism, certificates);
    }

    private SaslNegotiator negotiated(Settings settings, String name, Certificate[] certificates) {
        Set<String> offered = settings.mechanisms();
        if (!offered.contains(name)) {
            throw new AuthenticationException("the mechanism is not one of " + String.join(", ", offered));
        }
        return open(settings, name, certificates);
    }

    private SaslNegotiator open(Settings settings, String mechanism, Certificate[] certificates) {
        try {
            return new SaslConversation(
                settings.newServer(mechanism, certificates), settings.isProofInChallenge(), settings.get("warning", null));
        } catch (AuthenticationException error) {
            throw error;
        } catch (Exception error) {
            // The reason is only for the log: the client is not logged in yet.
            logger.error("{} can not be served", mechanism, error);
            throw new AuthenticationException(mechanism + " is not available on this node; its log says why");
        }
    }
}
