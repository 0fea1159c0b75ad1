package org.example.sasl;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.security.scram.ScramCredential;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.wildfly.security.password.Password;
import org.wildfly.security.password.PasswordFactory;
import org.wildfly.security.password.WildFlyElytronPasswordProvider;
import org.wildfly.security.password.spec.EncryptablePasswordSpec;
import org.wildfly.security.password.spec.IteratedSaltedPasswordAlgorithmSpec;

/** The users, their secrets, and the roles that they may act as. A real server asks its directory. */
public final class Accounts {
    /** The stored values for SCRAM. They are made once, so that the salt of a user stays the same, like in a database. */
    private static final Map<List<Object>, Object> STORED = new ConcurrentHashMap<>();

    private final Map<String, String> passwords = new HashMap<>();
    private final Map<String, String> tokens = new HashMap<>();
    private final Set<List<String>> proxies = new HashSet<>();
    private Tokens trusted;

    public void addUser(String name, String password) {
        passwords.put(name, password);
    }

    public void addToken(String token, String user) {
        tokens.put(token, user);
    }

    /** JWTs are accepted too, as bearer tokens and as passwords of their users. */
    public void trust(Tokens tokens) {
        trusted = tokens;
    }

    public void addProxy(String user, String role) {
        proxies.add(List.of(user, role));
    }

    /** Null if there is no such user. */
    char[] password(String user) {
        String password = passwords.get(user);
        return password == null ? null : password.toCharArray();
    }

    boolean isPassword(String user, char[] guess) {
        String password = new String(guess);
        return password.equals(passwords.get(user)) || (trusted != null && user.equals(trusted.subject(password)));
    }

    /** Null for an invalid token. */
    String owner(String token) {
        String owner = tokens.get(token);
        return owner != null || trusted == null ? owner : trusted.subject(token);
    }

    boolean mayActAs(String user, String role) {
        return user.equals(role) || proxies.contains(List.of(user, role));
    }

    ScramCredential kafkaScram(String mechanism, String user, int iterations) throws GeneralSecurityException {
        String password = passwords.get(user);
        return stored(List.of("kafka", mechanism, user, password, iterations), () ->
            new ScramFormatter(ScramMechanism.forMechanismName(mechanism)).generateCredential(password, iterations));
    }

    Password elytronScram(String mechanism, String user, int iterations) throws GeneralSecurityException {
        String password = passwords.get(user);
        return stored(List.of("elytron", mechanism, user, password, iterations), () -> {
            byte[] salt = new byte[16];
            new SecureRandom().nextBytes(salt);
            return PasswordFactory.getInstance(mechanism.toLowerCase(), WildFlyElytronPasswordProvider.getInstance()).generatePassword(
                new EncryptablePasswordSpec(password.toCharArray(), new IteratedSaltedPasswordAlgorithmSpec(iterations, salt)));
        });
    }

    private interface Maker<T> {
        T make() throws GeneralSecurityException;
    }

    @SuppressWarnings("unchecked") // The key says which of the two it is.
    private static <T> T stored(List<Object> key, Maker<T> maker) throws GeneralSecurityException {
        Object known = STORED.get(key);
        if (known != null) return (T) known;
        T made = maker.make();
        T first = (T) STORED.putIfAbsent(key, made);
        return first == null ? made : first;
    }
}
