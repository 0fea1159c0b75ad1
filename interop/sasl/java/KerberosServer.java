package org.example.sasl;

import java.io.File;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.kerberos.KerberosPrincipal;
import javax.security.auth.kerberos.KeyTab;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.LoginContext;
import javax.security.auth.login.LoginException;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;

/**
 * GSSAPI (RFC 4752) with the JDK and the key of a keytab. The JDK looks for the key in the subject of the thread, when the
 * server is created and again at each step, and the steps of one exchange run on several threads.
 */
final class KerberosServer implements SaslServer {
    private final Subject subject;
    private final SaslServer server;

    private KerberosServer(Subject subject, SaslServer server) {
        this.subject = subject;
        this.server = server;
    }

    /** @param options principal, as service/host@REALM, and keytab, its path */
    static SaslServer create(Map<String, String> options, Map<String, String> properties, CallbackHandler callbacks)
        throws SaslException {
        String principal = options.get("principal");
        String keytab = options.get("keytab");
        if (principal == null || keytab == null) throw new SaslException("GSSAPI needs a principal and a keytab; neither has a default");
        String[] parts = principal.split("[/@]");
        if (parts.length != 3) throw new SaslException("the principal " + principal + " is not of the form service/host@REALM");
        Subject subject = acceptor(principal, keytab);
        // This needs no KDC: the key of the keytab opens the ticket of the client.
        SaslServer server = as(subject, () -> Sasl.createSaslServer("GSSAPI", parts[0], parts[1], properties, callbacks));
        return new KerberosServer(subject, server);
    }

    @Override
    public byte[] evaluateResponse(byte[] response) throws SaslException {
        return as(subject, () -> server.evaluateResponse(response));
    }

    /** Read at each login, so that a renewed keytab is used at once. */
    private static Subject acceptor(String principal, String keytab) throws SaslException {
        // The login module checks neither, and the JDK's later error is only "Failed to find any Kerberos credentials".
        KeyTab file = KeyTab.getInstance(new KerberosPrincipal(principal), new File(keytab));
        if (!file.exists()) throw new SaslException("there is no keytab at " + keytab);
        if (file.getKeys(new KerberosPrincipal(principal)).length == 0) {
            throw new SaslException("the keytab " + keytab + " has no key for " + principal);
        }
        Map<String, String> options = Map.of("principal", principal, "keyTab", keytab, "useKeyTab", "true",
            "storeKey", "true", "doNotPrompt", "true", "isInitiator", "false");
        Configuration configuration = new Configuration() {
            @Override
            public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
                return new AppConfigurationEntry[] {new AppConfigurationEntry(
                    "com.sun.security.auth.module.Krb5LoginModule", AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options)};
            }
        };
        try {
            LoginContext login = new LoginContext("acceptor", new Subject(), null, configuration);
            login.login();
            return login.getSubject();
        } catch (LoginException error) {
            throw new SaslException("the key of " + principal + " in " + keytab + " can not be used", error);
        }
    }

    private static <T> T as(Subject subject, PrivilegedExceptionAction<T> action) throws SaslException {
        try {
            return Subject.doAs(subject, action);
        } catch (PrivilegedActionException error) {
            throw error.getException() instanceof SaslException known ? known : new SaslException("GSSAPI", error.getException());
        }
    }

    @Override
    public String getMechanismName() {
        return server.getMechanismName();
    }

    @Override
    public boolean isComplete() {
        return server.isComplete();
    }

    @Override
    public String getAuthorizationID() {
        return server.getAuthorizationID();
    }

    @Override
    public byte[] unwrap(byte[] incoming, int offset, int length) throws SaslException {
        return server.unwrap(incoming, offset, length);
    }

    @Override
    public byte[] wrap(byte[] outgoing, int offset, int length) throws SaslException {
        return server.wrap(outgoing, offset, length);
    }

    @Override
    public Object getNegotiatedProperty(String name) {
        return server.getNegotiatedProperty(name);
    }

    @Override
    public void dispose() throws SaslException {
        server.dispose();
    }
}
