package org.example.cassandra;

import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.cassandra.auth.AuthenticatedUser;
import org.apache.cassandra.auth.IAuthenticator.SaslNegotiator;
import org.apache.cassandra.exceptions.AuthenticationException;

/**
 * The negotiation of DSE, because CQL has no other place for it. The client's first token is the name of a mechanism. The
 * answer is that name and `-START`. The client's next token is its initial response, with zero bytes if the server begins.
 */
final class DseNegotiation implements SaslNegotiator {
    private final Function<String, SaslNegotiator> opener;
    private SaslNegotiator chosen;

    DseNegotiation(Function<String, SaslNegotiator> opener) {
        this.opener = opener;
    }

    @Override
    public byte[] evaluateResponse(byte[] response) throws AuthenticationException {
        if (chosen != null) return chosen.evaluateResponse(response);
        String mechanism = new String(response, StandardCharsets.US_ASCII);
        chosen = opener.apply(mechanism);
        return (mechanism + "-START").getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public boolean isComplete() {
        return chosen != null && chosen.isComplete();
    }

    @Override
    public AuthenticatedUser getAuthenticatedUser() throws AuthenticationException {
        return chosen.getAuthenticatedUser();
    }
}
