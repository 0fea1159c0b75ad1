package org.example.sasl;

import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.RealmCallback;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;
import org.apache.kafka.common.security.plain.PlainAuthenticateCallback;
import org.apache.kafka.common.security.scram.ScramCredentialCallback;
import org.wildfly.security.auth.callback.AnonymousAuthorizationCallback;
import org.wildfly.security.auth.callback.AvailableRealmsCallback;
import org.wildfly.security.auth.callback.ChannelBindingCallback;
import org.wildfly.security.auth.callback.CredentialCallback;
import org.wildfly.security.auth.callback.EvidenceVerifyCallback;
import org.wildfly.security.auth.callback.ExtendedCallback;
import org.wildfly.security.credential.PasswordCredential;
import org.wildfly.security.evidence.BearerTokenEvidence;
import org.wildfly.security.evidence.PasswordGuessEvidence;
import org.wildfly.security.password.Password;
import org.wildfly.security.password.interfaces.ClearPassword;

/**
 * Answers the questions of the SASL servers of the JDK, Kafka and Elytron about the accounts. One object for each
 * exchange.
 */
final class Callbacks implements AuthenticateCallbackHandler {
    private static final String ISSUER_EXAMPLE = "https://issuer.example/.well-known/openid-configuration";

    private final String mechanism;
    private final Map<String, String> options;
    private final Accounts accounts;
    private final int iterations;
    private String name = "";

    Callbacks(String mechanism, Map<String, String> options, Accounts accounts) {
        this.mechanism = mechanism;
        this.options = options;
        this.accounts = accounts;
        this.iterations = Integer.parseInt(options.getOrDefault("iterations", "4096"));
    }

    @Override
    public void configure(Map<String, ?> configs, String saslMechanism, List<AppConfigurationEntry> entries) {}

    @Override
    public void close() {}

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        try {
            for (Callback callback : callbacks) {
                if (!ofJdk(callback) && !ofKafka(callback) && !ofElytron(callback)) {
                    boolean optional = callback instanceof ExtendedCallback extended && extended.isOptional();
                    if (!optional) throw new UnsupportedCallbackException(callback);
                }
            }
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException(error);
        }
    }

    private boolean ofJdk(Callback callback) {
        if (callback instanceof RealmCallback realm) {
            realm.setText(realm.getDefaultText());
        } else if (callback instanceof NameCallback asked) {
            name = asked.getDefaultName();
            asked.setName(name);
        } else if (callback instanceof PasswordCallback asked) {
            char[] password = accounts.password(name);
            if (password != null) asked.setPassword(password);
        } else if (callback instanceof AuthorizeCallback asked) {
            String known = options.getOrDefault("external", name);
            String as = asked.getAuthenticationID() == null ? known : localName(asked.getAuthenticationID());
            String role = asked.getAuthorizationID() == null ? as : localName(asked.getAuthorizationID());
            asked.setAuthorized(accounts.mayActAs(as, role));
            if (asked.isAuthorized()) asked.setAuthorizedID(role);
        } else {
            return false;
        }
        return true;
    }

    /** Only in our own realm, `alice@LAB.TEST` is alice: another realm may have an alice too. */
    private String localName(String id) {
        String ending = "@" + options.get("realm");
        return mechanism.equals("GSSAPI") && id.endsWith(ending) ? id.substring(0, id.length() - ending.length()) : id;
    }

    private boolean ofKafka(Callback callback) throws GeneralSecurityException {
        if (callback instanceof PlainAuthenticateCallback asked) {
            asked.authenticated(accounts.isPassword(name, asked.password()));
        } else if (callback instanceof ScramCredentialCallback asked) {
            if (accounts.password(name) != null) asked.scramCredential(accounts.kafkaScram(mechanism, name, iterations));
        } else if (callback instanceof OAuthBearerValidatorCallback asked) {
            String principal = accounts.owner(asked.tokenValue());
            if (principal != null) asked.token(new Token(asked.tokenValue(), principal));
            else asked.error("invalid_token", "cql", options.getOrDefault("openid-configuration", ISSUER_EXAMPLE));
        } else if (callback instanceof OAuthBearerExtensionsValidatorCallback asked) {
            asked.inputExtensions().map().keySet().forEach(asked::valid);
        } else {
            return false;
        }
        return true;
    }

    private boolean ofElytron(Callback callback) throws GeneralSecurityException {
        if (callback instanceof AvailableRealmsCallback asked && options.containsKey("realms")) {
            asked.setRealmNames(options.get("realms").split(" "));
        } else if (callback instanceof AnonymousAuthorizationCallback asked) {
            asked.setAuthorized(true);
        } else if (callback instanceof ChannelBindingCallback asked && options.containsKey("channel-binding")) {
            asked.setBindingType(options.getOrDefault("channel-binding-type", "tls-server-end-point"));
            asked.setBindingData(Base64.getDecoder().decode(options.get("channel-binding")));
        } else if (callback instanceof EvidenceVerifyCallback asked) {
            if (asked.getEvidence() instanceof PasswordGuessEvidence guess) {
                asked.setVerified(accounts.isPassword(name, guess.getGuess()));
            }
            if (asked.getEvidence() instanceof BearerTokenEvidence token) {
                name = accounts.owner(token.getToken());
                asked.setVerified(name != null);
            }
        } else if (callback instanceof CredentialCallback asked) {
            if (accounts.password(name) != null) setCredential(asked);
        } else {
            return false;
        }
        return true;
    }

    private void setCredential(CredentialCallback asked) throws GeneralSecurityException {
        boolean scram = mechanism.startsWith("SCRAM-");
        String hash = mechanism.replace("-PLUS", "");
        String algorithm = scram ? hash.toLowerCase() : ClearPassword.ALGORITHM_CLEAR;
        if (!asked.isCredentialTypeSupported(PasswordCredential.class, algorithm)) return;
        // Elytron wipes a clear password after use.
        Password password = scram
            ? accounts.elytronScram(hash, name, iterations)
            : ClearPassword.createRaw(ClearPassword.ALGORITHM_CLEAR, accounts.password(name));
        asked.setCredential(new PasswordCredential(password));
    }

    private record Token(String value, String principalName) implements OAuthBearerToken {
        @Override
        public Set<String> scope() {
            return Set.of();
        }

        @Override
        public long lifetimeMs() {
            return Long.MAX_VALUE;
        }

        @Override
        public Long startTimeMs() {
            return null;
        }
    }
}
