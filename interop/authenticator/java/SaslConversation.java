package org.example.cassandra;

import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import org.apache.cassandra.auth.AuthenticatedUser;
import org.apache.cassandra.auth.IAuthenticator.SaslNegotiator;
import org.apache.cassandra.exceptions.AuthenticationException;
import org.apache.cassandra.service.ClientWarn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One login with one SASL mechanism. */
final class SaslConversation implements SaslNegotiator {
    private static final Logger logger = LoggerFactory.getLogger(SaslConversation.class);

    private final SaslServer server;
    private final boolean proofInChallenge;
    /** For the client, before the message of success; null if there is no warning. */
    private final String warning;
    private boolean awaitingAcknowledgement;

    SaslConversation(SaslServer server, boolean proofInChallenge, String warning) {
        this.server = server;
        this.proofInChallenge = proofInChallenge;
        this.warning = warning;
    }

    // #region proof-in-a-challenge
    @Override
    public byte[] evaluateResponse(byte[] response) throws AuthenticationException {
        if (awaitingAcknowledgement) return acknowledged(response);
        byte[] data = step(response);
        // Several drivers drop the token of AUTH_SUCCESS, and with it the proof that we know the password. RFC 4422 §5
        // (3a) has another way: one more challenge, which the client answers with zero bytes.
        awaitingAcknowledgement = proofInChallenge && server.isComplete() && data != null && data.length > 0;
        return data;
    }

    private byte[] acknowledged(byte[] response) {
        if (response.length > 0) throw new AuthenticationException("an empty answer was expected");
        awaitingAcknowledgement = false;
        return null;
    }

    /** Cassandra sends AUTH_SUCCESS if this returns true, and AUTH_CHALLENGE otherwise. */
    @Override
    public boolean isComplete() {
        return server.isComplete() && !awaitingAcknowledgement;
    }
    // #endregion proof-in-a-challenge

    private byte[] step(byte[] response) {
        try {
            return server.evaluateResponse(response);
        } catch (SaslException | RuntimeException error) {
            // Kafka refuses with RuntimeExceptions. Cassandra would turn one into ERROR 0x0000, and send its whole message
            // to the client.
            logger.warn("{}: a login was refused: {}", server.getMechanismName(), reasons(error));
            dispose();
            throw new AuthenticationException("the login by " + server.getMechanismName() + " was refused");
        }
    }

    @Override
    public AuthenticatedUser getAuthenticatedUser() throws AuthenticationException {
        if (!isComplete()) throw new AuthenticationException("the login is not complete");
        String role = server.getAuthorizationID();
        dispose();
        if (role == null) throw new AuthenticationException(server.getMechanismName() + " names no role");
        if (warning != null) ClientWarn.instance.warn(warning);
        return new AuthenticatedUser(role);
    }

    /** Cassandra does not report a login that the client abandons: its objects are released with the connection. */
    private void dispose() {
        try {
            server.dispose();
        } catch (SaslException error) {
            logger.warn("{}: a finished login could not be cleared away", server.getMechanismName(), error);
        }
    }

    private static String reasons(Throwable error) {
        String reason = String.valueOf(error.getMessage());
        return error.getCause() == null ? reason : reason + ": " + reasons(error.getCause());
    }
}
