package org.example.sasl;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.MalformedURLException;
import java.net.URI;
import java.text.ParseException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** JWTs of an authorization server, verified with the keys that it publishes: RFC 7519 §7.2, RFC 9068 §4. */
public final class Tokens {
    /** The keys of an address are fetched once, and again for a token with an unknown key. */
    private static final Map<String, JWKSource<SecurityContext>> KEYS = new ConcurrentHashMap<>();

    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    public Tokens(String jwks, String issuer, String audience) {
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt"), JOSEObjectType.JWT, null));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.RS256, KEYS.computeIfAbsent(jwks, Tokens::keysOf)));
        JWTClaimsSet wanted = new JWTClaimsSet.Builder().issuer(issuer).build();
        DefaultJWTClaimsVerifier<SecurityContext> claims = new DefaultJWTClaimsVerifier<>(audience, wanted, Set.of("sub", "exp"));
        // The default is a minute. Here both clocks are the same.
        claims.setMaxClockSkew(0);
        processor.setJWTClaimsSetVerifier(claims);
    }

    /** The user of a token; null for an invalid one. */
    String subject(String token) {
        try {
            return processor.process(token, null).getSubject();
        } catch (ParseException | BadJOSEException | JOSEException error) {
            return null;
        }
    }

    private static JWKSource<SecurityContext> keysOf(String address) {
        try {
            return JWKSourceBuilder.create(URI.create(address).toURL()).rateLimited(false).build();
        } catch (MalformedURLException error) {
            throw new IllegalArgumentException(address, error);
        }
    }
}
