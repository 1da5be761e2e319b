package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.StreamSupport;
import kawi.Model;
import kawi.RandomModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Images in requests to a model that sees them; the weights are random. */
class ImagesTest {

    private static final int BLUE = 0x2040c0;
    private static final int RED = 0xc02020;

    @TempDir
    private static Path folder;

    private static Model model;
    private static Client client;

    @BeforeAll
    static void load() {
        RandomModel tiny = RandomModel.of("tiny").type("F32").vision(true);
        tiny.writeTo(folder.resolve("tiny.gguf"), _ -> {});
        tiny.writeVisionTo(folder.resolve("mmproj-tiny-F32.gguf"), _ -> {});
        model = Model.load(folder.resolve("tiny.gguf"));
        client = Client.of(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** The bytes of a BMP file of one colour. */
    private static byte[] bitmap(int width, int height, int colour) {
        int row = (3 * width + 3) / 4 * 4;
        ByteBuffer file = ByteBuffer.allocate(54 + row * height).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 'B').put((byte) 'M').putInt(file.capacity()).putInt(0).putInt(54);
        file.putInt(40).putInt(width).putInt(height).putShort((short) 1).putShort((short) 24);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = 54 + y * row + 3 * x;
                file.put(at, (byte) colour).put(at + 1, (byte) (colour >> 8)).put(at + 2, (byte) (colour >> 16));
            }
        }
        return file.array();
    }

    private static String url(byte[] file) {
        return "data:image/bmp;base64," + Base64.getEncoder().encodeToString(file);
    }

    private static String image(String url, String more) {
        return "{'type':'image_url','image_url':{'url':'%s'%s}}".formatted(url, more);
    }

    private static String ask(String... images) {
        return "{'temperature':0,'max_tokens':8,'ignore_eos':true,'logprobs':true,'messages':[{'role':'user','content':[%s,{'type':'text','text':'?'}]}]}"
                .formatted(String.join(",", images));
    }

    private static int promptTokens(Client.Answer answer) {
        assertEquals(200, answer.status(), answer.message());
        return answer.body().at("/usage/prompt_tokens").intValue();
    }

    /** A token is 32 x 32 pixels. */
    @Test
    void anImageIsPartOfThePrompt() {
        int text = promptTokens(client.chat(ask("{'type':'text','text':''}")));
        Client.Answer blue = client.chat(ask(image(url(bitmap(320, 256, BLUE)), "")));
        assertEquals(text + 2 + 10 * 8, promptTokens(blue));
        Client.Answer red = client.chat(ask(image(url(bitmap(320, 256, RED)), ",'detail':'auto'")));
        assertEquals(promptTokens(blue), promptTokens(red));
        assertNotEquals(
                blue.body().at("/choices/0/logprobs/content/0/logprob"),
                red.body().at("/choices/0/logprobs/content/0/logprob"));
        Client.Answer both = client.chat(
                ask(image(url(bitmap(320, 256, RED)), ",'detail':'high'"), image(url(bitmap(256, 256, BLUE)), "")));
        assertEquals(text + 2 + 10 * 8 + 2 + 8 * 8, promptTokens(both));
    }

    @Test
    void anImageOfLowDetailTakesFewTokens() {
        int text = promptTokens(client.chat(ask("{'type':'text','text':''}")));
        String low = image(url(bitmap(640, 640, BLUE)), ",'detail':'low'");
        assertEquals(text + 2 + 16 * 16, promptTokens(client.chat(ask(low))));
        String high = image(url(bitmap(640, 640, RED)), ",'detail':'high'");
        assertEquals(text + 2 + 16 * 16 + 2 + 20 * 20, promptTokens(client.chat(ask(low, high))));
    }

    /** The header of a GIF of 64 x 64 pixels, and as many frames of one pixel. */
    private static byte[] animation(int frames) {
        StringBuilder hex = new StringBuilder("4749463839614000400080000020" + "40c0c02020");
        for (int i = 0; i < frames; i++) {
            hex.append("21f9040032000000")
                    .append("2c00000000010001000002024401")
                    .append("00");
        }
        return HexFormat.of().parseHex(hex.append("3b"));
    }

    private static String film(String url) {
        return "{'type':'video_url','video_url':{'url':'%s'}}".formatted(url);
    }

    @Test
    void aFilmIsPartOfThePrompt() {
        int text = promptTokens(client.chat(ask("{'type':'text','text':''}")));
        String data = "base64," + Base64.getEncoder().encodeToString(animation(4));
        Client.Answer gif = client.chat(ask(film("data:image/gif;" + data)));
        assertTrue(promptTokens(gif) > text + 8, gif.message());
        assertEquals(promptTokens(gif), promptTokens(client.chat(ask(film("data:video/gif;" + data)))));
        Client.Answer fetched = client.chat(ask(film("https://example.com/a.mp4")));
        assertEquals(400, fetched.status());
        assertEquals("invalid_video_url", fetched.code());
        assertEquals("messages[0].content[0].video_url.url", fetched.param());
        assertTrue(fetched.message().contains("send the film as a data URL"), fetched.message());
        Client.Answer mp4 = client.chat(ask(film("data:video/mp4;base64,AAAAGGZ0eXBtcDQyAAAAAG1wNDJpc29t")));
        assertEquals(400, mp4.status());
        assertTrue(mp4.message().contains("video/mp4; supported are animated GIF and WebP"), mp4.message());
    }

    @Test
    void streamsAndResponsesTakeImages() {
        String url = url(bitmap(320, 256, BLUE));
        JsonNode whole = client.chat(ask(image(url, ""))).body().at("/choices/0/message/content");
        Client.Answer stream = client.chat(ask(image(url, "")).replaceFirst("\\{", "{'stream':true,"));
        StringBuilder text = new StringBuilder();
        stream.chunks()
                .forEach(chunk ->
                        text.append(chunk.at("/choices/0/delta/content").stringValue("")));
        assertEquals(whole.stringValue(), text.toString());

        String request = "{'max_output_tokens':3,'input':[{'role':'user','content':[{'type':'input_text','text':'?'},"
                + "{'type':'input_image','detail':'%s','image_url':'%s'}]}]}";
        int high = responseTokens(client.post("/v1/responses", request.formatted("high", url(bitmap(640, 640, RED)))));
        int low = responseTokens(client.post("/v1/responses", request.formatted("low", url(bitmap(640, 640, RED)))));
        assertEquals(20 * 20 - 16 * 16, high - low);
    }

    private static int responseTokens(Client.Answer answer) {
        assertEquals(200, answer.status(), answer.message());
        return answer.body().at("/usage/input_tokens").intValue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "invalid_image     | mage 1  | AAAA",
                "invalid_image     | mage 1  | iVBORw0KGgo=",
                "invalid_image     | image/heic | AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWlj",
                "invalid_image_url | ase64   | A*A"
            })
    void anImageThatCannotBeReadIsAnErrorOfTheClient(String code, String part, String data) {
        for (String stream : List.of("", "'stream':true,")) {
            Client.Answer answer =
                    client.chat(ask(image("data:image/png;base64," + data, "")).replaceFirst("\\{", "{" + stream));
            assertEquals(400, answer.status());
            assertEquals(code, answer.code(), answer.message());
            assertTrue(answer.message().contains(part), answer.message());
        }
    }

    @Test
    void partsAreChecked() {
        Client.Answer detail = client.chat(ask(image(url(bitmap(32, 32, RED)), ",'detail':'huge'")));
        assertEquals(400, detail.status());
        assertEquals("messages[0].content[0].image_url.detail", detail.param());
        Client.Answer file = client.post(
                "/v1/responses", "{'input':[{'role':'user','content':[{'type':'input_image','file_id':'file-1'}]}]}");
        assertEquals(400, file.status());
        assertEquals("input[0].content[0].file_id", file.param());
        assertTrue(file.message().contains("data URL"), file.message());
    }

    @Test
    void imagesBeyondTheContextAreAnErrorOfTheClient() {
        try (Model small =
                Model.loader(folder.resolve("tiny.gguf")).contextLength(128).load()) {
            String image = image(url(bitmap(320, 256, BLUE)), "");
            Client.Answer answer = Client.of(small).chat(ask(image, image));
            assertEquals(400, answer.status());
            assertEquals("context_length_exceeded", answer.code());
        }
    }

    @Test
    void theModelIsDescribedAsOneThatSees() {
        assertTrue(client.get("/props").body().at("/modalities/vision").booleanValue());
        assertEquals(
                List.of("text", "image"),
                StreamSupport.stream(
                                client.get("/v1/models")
                                        .body()
                                        .at("/data/0/architecture/input_modalities")
                                        .spliterator(),
                                false)
                        .map(JsonNode::stringValue)
                        .toList());
    }
}
