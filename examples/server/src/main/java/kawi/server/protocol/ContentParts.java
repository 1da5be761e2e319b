package kawi.server.protocol;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import kawi.Part;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The contents of the messages of a request: strings, or parts of text, images and films. */
final class ContentParts {

    /** The most tokens of an image of low detail. */
    static final int LOW_DETAIL_TOKENS = 256;

    private static final int MAX_FILE_BYTES = 20 << 20;

    private ContentParts() {}

    static List<Part> read(JsonNode content, String path) {
        if (content.isString()) {
            return List.of(Part.text(content.stringValue()));
        }
        if (!content.isArray()) {
            throw Fields.wrongType(path, "a string or an array of parts", content);
        }
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < content.size(); i++) {
            parts.add(part(Fields.object(content.get(i), Json.element(path, i))));
        }
        return parts;
    }

    private static Part part(Fields part) {
        String type = part.requiredString("type");
        return switch (type) {
            case "text", "input_text", "output_text" -> Part.text(part.requiredString("text"));
            case "refusal" -> Part.text(part.requiredString("refusal"));
            case "image_url" -> {
                Fields image = Fields.object(part.required("image_url"), part.at("image_url"));
                yield image(image, "url");
            }
            case "input_image" -> {
                part.reject("file_id", "files are not stored; send the image as a data URL in 'image_url'");
                yield image(part, "image_url");
            }
            case "video_url" -> film(Fields.object(part.required("video_url"), part.at("video_url")));
            default ->
                throw Fields.wrongValue(
                        part.at("type"),
                        "it is '%s', but must be one of text, image_url, video_url, input_text, input_image"
                                .formatted(type));
        };
    }

    private static Part image(Fields fields, String name) {
        String detail = fields.oneOf("detail", "auto", "low", "high", "original");
        byte[] file = decode(fields.requiredString(name), fields.at(name), Media.IMAGE);
        Part.Image image = Part.image(file);
        return "low".equals(detail) ? image.withMaxTokens(LOW_DETAIL_TOKENS) : image;
    }

    /** A film, in the form that other servers of Qwen models have. */
    private static Part film(Fields fields) {
        return Part.video(decode(fields.requiredString("url"), fields.at("url"), Media.FILM));
    }

    /** Decodes a data URL. Other URLs are rejected, since the server fetches nothing. */
    private static byte[] decode(String url, String path, Media media) {
        int comma = url.indexOf(',');
        if (!url.regionMatches(true, 0, "data:", 0, 5)) {
            throw media.invalidUrl(
                    path,
                    "this server does not fetch URLs; send the %s as a data URL, such as data:%s;base64,..."
                            .formatted(media.name, media.example));
        }
        String head = comma < 0 ? "" : url.substring(5, comma).toLowerCase(Locale.ROOT);
        if (!media.types.matcher(head).matches()) {
            throw media.invalidUrl(
                    path,
                    "the data URL must begin with data:, the type of %s, and ;base64, as in data:%s;base64,..."
                            .formatted(media == Media.IMAGE ? "an image" : "a film", media.example));
        }
        if ((url.length() - comma) / 4L * 3 > MAX_FILE_BYTES) {
            throw ApiException.invalid(
                    path,
                    media.code + "_too_large",
                    "Invalid '%s': the %s has more than %d bytes.".formatted(path, media.name, MAX_FILE_BYTES));
        }
        try {
            return Base64.getDecoder().decode(url.substring(comma + 1));
        } catch (IllegalArgumentException e) {
            throw media.invalidUrl(path, e.getMessage());
        }
    }

    /** What a data URL holds. */
    private enum Media {
        IMAGE("image", "image/png", "image", "image/.*;base64"),
        FILM("film", "image/gif", "video", "(image|video)/.*;base64");

        private final String name;
        private final String example;
        private final String code;
        private final Pattern types;

        Media(String name, String example, String code, String types) {
            this.name = name;
            this.example = example;
            this.code = code;
            this.types = Pattern.compile(types);
        }

        ApiException invalidUrl(String path, @Nullable String reason) {
            return ApiException.invalid(
                    path, "invalid_%s_url".formatted(code), "Invalid '%s': %s.".formatted(path, reason));
        }
    }
}
