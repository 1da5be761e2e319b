package kawi.server.protocol;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import kawi.Part;
import tools.jackson.databind.JsonNode;

/** The content of messages: a string, or parts of text and images. */
final class ContentParts {

    private static final int MAX_IMAGE_BYTES = 20 << 20;
    private static final Set<String> IMAGE_TYPES =
            Set.of("image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp");

    private ContentParts() {}

    static List<Part> of(JsonNode content, String path) {
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
                yield image(image.requiredString("url"), image.at("url"));
            }
            case "input_image" -> image(part.requiredString("image_url"), part.at("image_url"));
            default ->
                throw Fields.wrongValue(
                        part.at("type"),
                        "it is '%s', but must be one of text, image_url, input_text, input_image".formatted(type));
        };
    }

    /** Decodes a data URL. Other URLs are rejected, since the server fetches nothing. */
    private static Part image(String url, String path) {
        int comma = url.indexOf(',');
        if (!url.regionMatches(true, 0, "data:", 0, 5)) {
            throw ApiException.invalid(
                    path,
                    "invalid_image_url",
                    "Invalid '%s': this server does not fetch URLs; send the image as a data URL, such as data:image/png;base64,..."
                            .formatted(path));
        }
        String head = comma < 0 ? "" : url.substring(5, comma).toLowerCase(Locale.ROOT);
        String type = head.replaceAll(";.*", "").strip();
        if (!head.endsWith(";base64") || !IMAGE_TYPES.contains(type)) {
            throw ApiException.invalid(
                    path,
                    "invalid_image_url",
                    "Invalid '%s': the data URL must begin with data:, one of the types %s, and ;base64,."
                            .formatted(
                                    path,
                                    String.join(
                                            ", ", IMAGE_TYPES.stream().sorted().toList())));
        }
        if ((url.length() - comma) / 4L * 3 > MAX_IMAGE_BYTES) {
            throw ApiException.invalid(
                    path,
                    "image_too_large",
                    "Invalid '%s': the image has more than %d bytes.".formatted(path, MAX_IMAGE_BYTES));
        }
        try {
            return new Part.Image(Base64.getDecoder().decode(url.substring(comma + 1)), type);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(path, "invalid_image_url", "Invalid '%s': %s.".formatted(path, e.getMessage()));
        }
    }
}
