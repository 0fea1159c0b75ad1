import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.security.SecureRandom;
import java.security.Security;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.LoginContext;
import javax.security.auth.login.LoginException;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import javax.security.sasl.SaslServerFactory;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerSaslServer;
import org.apache.kafka.common.security.plain.PlainAuthenticateCallback;
import org.apache.kafka.common.security.plain.internals.PlainSaslServer;
import org.apache.kafka.common.security.scram.ScramCredential;
import org.apache.kafka.common.security.scram.ScramCredentialCallback;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.apache.kafka.common.security.scram.internals.ScramSaslServer;
import org.wildfly.security.auth.callback.AnonymousAuthorizationCallback;
import org.wildfly.security.auth.callback.AvailableRealmsCallback;
import org.wildfly.security.auth.callback.CredentialCallback;
import org.wildfly.security.auth.callback.EvidenceVerifyCallback;
import org.wildfly.security.auth.callback.ExtendedCallback;
import org.wildfly.security.credential.PasswordCredential;
import org.wildfly.security.evidence.BearerTokenEvidence;
import org.wildfly.security.evidence.PasswordGuessEvidence;
import org.wildfly.security.password.Password;
import org.wildfly.security.password.PasswordFactory;
import org.wildfly.security.password.WildFlyElytronPasswordProvider;
import org.wildfly.security.password.interfaces.ClearPassword;
import org.wildfly.security.password.spec.EncryptablePasswordSpec;
import org.wildfly.security.password.spec.IteratedSaltedPasswordAlgorithmSpec;
import org.wildfly.security.sasl.anonymous.AnonymousServerFactory;
import org.wildfly.security.sasl.digest.DigestServerFactory;
import org.wildfly.security.sasl.external.ExternalSaslServerFactory;
import org.wildfly.security.sasl.oauth2.OAuth2SaslServerFactory;
import org.wildfly.security.sasl.plain.PlainSaslServerFactory;

/** The SASL servers of the JDK, WildFly Elytron and Kafka, behind the line protocol of peer.mjs. */
public final class SaslPeer {
    private static final int ITERATIONS = 4096;

    private final Map<String, String> passwords = new HashMap<>();
    private final Map<String, String> tokens = new HashMap<>();
    private final Set<List<String>> proxies = new HashSet<>();
    private final Map<String, SaslServer> exchanges = new HashMap<>();
    /** One salt for each user, as a database has it. */
    private final Map<List<String>, Object> stored = new HashMap<>();
    /** Holds the key of GSSAPI; the JDK looks for it in the subject of the thread, at every step. */
    private Subject acceptor;

    public static void main(String[] arguments) throws IOException {
        Security.addProvider(WildFlyElytronPasswordProvider.getInstance());
        SaslPeer peer = new SaslPeer();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        for (String line = in.readLine(); line != null; line = in.readLine()) out.println(peer.answer(line.split(" ")));
    }

    private String answer(String[] words) {
        try {
            switch (words[0]) {
                case "user": passwords.put(text(words[1]), text(words[2])); return "ok";
                case "token": tokens.put(text(words[1]), text(words[2])); return "ok";
                case "proxy": proxies.add(List.of(text(words[1]), text(words[2]))); return "ok";
                case "open": exchanges.put(words[1], open(words)); return "ok";
                default: return asAcceptor(() -> step(exchanges.get(words[1]), bytes(words[2])));
            }
        } catch (PrivilegedActionException error) {
            return "failure " + word(String.valueOf(error.getException()).getBytes(StandardCharsets.UTF_8));
        } catch (Exception | LinkageError error) {
            return "failure " + word(String.valueOf(error).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String step(SaslServer server, byte[] response) throws SaslException {
        byte[] token = server.evaluateResponse(response);
        if (!server.isComplete()) return "challenge " + word(token);
        // Elytron does not say whose a bearer token is.
        String user = server.getAuthorizationID() == null ? "" : server.getAuthorizationID();
        return "success " + word(token) + " " + word(user.getBytes(StandardCharsets.UTF_8));
    }

    /** open ID PROVIDER MECHANISM name=value … */
    private SaslServer open(String[] words) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String word : Arrays.asList(words).subList(4, words.length)) {
            int equals = word.indexOf('=');
            options.put(word.substring(0, equals), text(word.substring(equals + 1)));
        }
        String mechanism = words[3];
        Map<String, String> properties = new HashMap<>();
        if (options.containsKey("realms")) properties.put("com.sun.security.sasl.digest.realm", options.get("realms"));
        Handler handler = new Handler(mechanism, options);
        String host = "localhost";
        if (mechanism.equals("GSSAPI") && acceptor == null) acceptor = acceptor(options.get("principal"), options.get("keytab"));
        SaslServer server = words[2].equals("jdk")
            ? asAcceptor(() -> Sasl.createSaslServer(mechanism, "cassandra", host, properties, handler))
            : factory(words[2], mechanism).createSaslServer(mechanism, "cassandra", host, properties, handler);
        if (server == null) throw new SaslException("no server for " + mechanism);
        return server;
    }

    private <T> T asAcceptor(PrivilegedExceptionAction<T> action) throws PrivilegedActionException {
        return Subject.doAs(acceptor, action);
    }

    private static Subject acceptor(String principal, String keytab) throws LoginException {
        Map<String, String> options = Map.of(
            "principal", principal, "keyTab", keytab, "useKeyTab", "true", "storeKey", "true", "isInitiator", "false");
        LoginContext login = new LoginContext("acceptor", new Subject(), null, new Configuration() {
            @Override
            public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
                return new AppConfigurationEntry[] {new AppConfigurationEntry(
                    "com.sun.security.auth.module.Krb5LoginModule", AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options)};
            }
        });
        login.login();
        return login.getSubject();
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

    /** What the servers ask of whoever holds the users. */
    private final class Handler implements AuthenticateCallbackHandler {
        private final String mechanism;
        private final Map<String, String> options;
        private String name = "";

        Handler(String mechanism, Map<String, String> options) {
            this.mechanism = mechanism;
            this.options = options;
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
                if (passwords.containsKey(name)) asked.setPassword(passwords.get(name).toCharArray());
            } else if (callback instanceof AuthorizeCallback asked) {
                String known = options.getOrDefault("external", name);
                String as = asked.getAuthenticationID() == null ? known : asked.getAuthenticationID();
                String role = asked.getAuthorizationID() == null ? as : asked.getAuthorizationID();
                // alice@REALM is alice, to whoever gives roles.
                String local = mechanism.equals("GSSAPI") ? as.replaceFirst("@.*", "") : as;
                asked.setAuthorized(as.equals(role) || local.equals(role) || proxies.contains(List.of(local, role)));
                if (asked.isAuthorized()) asked.setAuthorizedID(role);
            } else {
                return false;
            }
            return true;
        }

        private boolean ofKafka(Callback callback) throws GeneralSecurityException {
            if (callback instanceof PlainAuthenticateCallback asked) {
                asked.authenticated(isPassword(asked.password()));
            } else if (callback instanceof ScramCredentialCallback asked) {
                if (passwords.containsKey(name)) asked.scramCredential((ScramCredential) stored("kafka"));
            } else if (callback instanceof OAuthBearerValidatorCallback asked) {
                String principal = tokens.get(asked.tokenValue());
                if (principal != null) asked.token(new Token(asked.tokenValue(), principal));
                else asked.error("invalid_token", "cql", "https://issuer.example/.well-known/openid-configuration");
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
            } else if (callback instanceof EvidenceVerifyCallback asked) {
                if (asked.getEvidence() instanceof PasswordGuessEvidence guess) asked.setVerified(isPassword(guess.getGuess()));
                if (asked.getEvidence() instanceof BearerTokenEvidence token) {
                    name = tokens.get(token.getToken());
                    asked.setVerified(name != null);
                }
            } else if (callback instanceof CredentialCallback asked) {
                if (passwords.containsKey(name)) setCredential(asked);
            } else {
                return false;
            }
            return true;
        }

        private void setCredential(CredentialCallback asked) throws GeneralSecurityException {
            String algorithm = mechanism.startsWith("SCRAM-") ? mechanism.toLowerCase() : ClearPassword.ALGORITHM_CLEAR;
            if (asked.isCredentialTypeSupported(PasswordCredential.class, algorithm)) {
                asked.setCredential(new PasswordCredential((Password) stored("elytron")));
            }
        }

        private boolean isPassword(char[] guess) {
            return new String(guess).equals(passwords.get(name));
        }

        private Object stored(String provider) throws GeneralSecurityException {
            List<String> key = List.of(provider, mechanism, name);
            // Elytron wipes a clear password after use.
            if (provider.equals("elytron") && !mechanism.startsWith("SCRAM-")) return store(provider, passwords.get(name));
            Object known = stored.get(key);
            if (known == null) stored.put(key, known = store(provider, passwords.get(name)));
            return known;
        }

        private Object store(String provider, String password) throws GeneralSecurityException {
            if (provider.equals("kafka")) {
                return new ScramFormatter(ScramMechanism.forMechanismName(mechanism)).generateCredential(password, ITERATIONS);
            }
            if (!mechanism.startsWith("SCRAM-")) return ClearPassword.createRaw(ClearPassword.ALGORITHM_CLEAR, password.toCharArray());
            byte[] salt = new byte[16];
            new SecureRandom().nextBytes(salt);
            return PasswordFactory.getInstance(mechanism.toLowerCase(), WildFlyElytronPasswordProvider.getInstance()).generatePassword(
                new EncryptablePasswordSpec(password.toCharArray(), new IteratedSaltedPasswordAlgorithmSpec(ITERATIONS, salt)));
        }
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

    private static byte[] bytes(String word) {
        return word.equals("-") ? null : Base64.getDecoder().decode(word.substring(1));
    }

    private static String word(byte[] bytes) {
        return bytes == null ? "-" : "+" + Base64.getEncoder().encodeToString(bytes);
    }

    private static String text(String word) {
        return new String(bytes(word), StandardCharsets.UTF_8);
    }
}
