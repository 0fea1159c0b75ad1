package org.example.sasl;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;

/** The SASL servers of the JDK, WildFly Elytron and Kafka, behind the line protocol of peer.mjs. */
public final class SaslPeer {
    private final Accounts accounts = new Accounts();
    private final Map<String, SaslServer> exchanges = new HashMap<>();

    public static void main(String[] arguments) throws IOException {
        SaslPeer peer = new SaslPeer();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        for (String line = in.readLine(); line != null; line = in.readLine()) out.println(peer.answer(line.split(" ")));
    }

    private String answer(String[] words) {
        try {
            switch (words[0]) {
                case "user": accounts.addUser(text(words[1]), text(words[2])); return "ok";
                case "token": accounts.addToken(text(words[1]), text(words[2])); return "ok";
                case "proxy": accounts.addProxy(text(words[1]), text(words[2])); return "ok";
                case "open": exchanges.put(words[1], open(words)); return "ok";
                default: return step(exchanges.get(words[1]), bytes(words[2]));
            }
        } catch (Exception | LinkageError error) {
            return "failure " + word(String.valueOf(error).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String step(SaslServer server, byte[] response) throws SaslException {
        byte[] token = server.evaluateResponse(response);
        if (!server.isComplete()) return "challenge " + word(token);
        // Elytron does not return the user of a bearer token.
        String user = server.getAuthorizationID() == null ? "" : server.getAuthorizationID();
        return "success " + word(token) + " " + word(user.getBytes(StandardCharsets.UTF_8));
    }

    /** open ID PROVIDER MECHANISM name=value … */
    private SaslServer open(String[] words) throws SaslException {
        Map<String, String> options = new HashMap<>();
        for (String word : Arrays.asList(words).subList(4, words.length)) {
            int equals = word.indexOf('=');
            options.put(word.substring(0, equals), text(word.substring(equals + 1)));
        }
        return SaslServers.create(words[2], words[3], options, accounts);
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
