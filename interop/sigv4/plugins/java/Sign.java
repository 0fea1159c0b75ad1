import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.aws.mcs.auth.SigV4AuthProvider;

/**
 * Writes the answers of AWS's plugin for the Java driver: Sign INPUTS ANSWERS. The plugin takes the time from the
 * machine. So this calls its own methods for the signature and the format of the time, and builds its message in the
 * same way.
 */
public class Sign {
  private static final ObjectMapper mapper = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    Method sign =
        SigV4AuthProvider.class.getDeclaredMethod(
            "generateSignature", byte[].class, Instant.class, AwsCredentials.class);
    sign.setAccessible(true);
    Field format = SigV4AuthProvider.class.getDeclaredField("timestampFormatter");
    format.setAccessible(true);
    DateTimeFormatter formatter = (DateTimeFormatter) format.get(null);
    try (BufferedWriter answers = Files.newBufferedWriter(Path.of(args[1]))) {
      for (String line : Files.readAllLines(Path.of(args[0]))) {
        answers.write(answer(mapper.readTree(line), sign, formatter));
        answers.write('\n');
      }
    }
  }

  private static String answer(JsonNode input, Method sign, DateTimeFormatter formatter)
      throws IllegalAccessException, InvocationTargetException {
    AwsCredentials keys =
        AwsBasicCredentials.create(
            input.get("accessKeyId").asText(), input.get("secretAccessKey").asText());
    SigV4AuthProvider provider =
        new SigV4AuthProvider(StaticCredentialsProvider.create(keys), input.get("region").asText());
    byte[] nonce = input.get("nonce").asText().getBytes(StandardCharsets.UTF_8);
    Instant now =
        Instant.ofEpochSecond(input.get("seconds").asLong(), input.get("micros").asLong() * 1000);
    String answer =
        "signature="
            + sign.invoke(provider, nonce, now, keys)
            + ",access_key="
            + keys.accessKeyId()
            + ",amzdate="
            + formatter.format(now);
    JsonNode token = input.get("sessionToken");
    return token.isNull() ? answer : answer + ",session_token=" + token.asText();
  }
}
