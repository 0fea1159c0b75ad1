package com.datastax.bdp.cassandra.auth;

import org.example.cassandra.SaslAuthenticator;

/** For 4.1, where AUTHENTICATE names the class. This name makes a client negotiate. */
public final class DseAuthenticator extends SaslAuthenticator {}
