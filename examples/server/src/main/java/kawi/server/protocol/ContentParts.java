package kawi.server.protocol;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import kawi.Part;
import kawi.Prompt;
import tools.jackson.databind.JsonNode;

/** The contents of the messages of a request: strings, or parts of text and images. */
final class ContentParts {

    /** The most tokens of an image of low detail. */
    static final int LOW_DETAIL_TOKENS = 256;

    private static final int MAX_IMAGE_BYTES = 20 << 20;

    private int images;
    private int imagesOfLowDetail;

    List<Part> read(JsonNode content, String path) {
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

    /**
     * Limits the tokens of images if all that have been read are of low detail. Otherwise the limit is that of the
     * model: a prompt has one limit for all its images.
     */
    Prompt limit(Prompt prompt) {
        return images > 0 && images == imagesOfLowDetail ? prompt.imageTokens(0, LOW_DETAIL_TOKENS) : prompt;
    }

    private Part part(Fields part) {
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
            default ->
                throw Fields.wrongValue(
                        part.at("type"),
                        "it is '%s', but must be one of text, image_url, input_text, input_image".formatted(type));
        };
    }

    private Part image(Fields fields, String name) {
        String detail = fields.oneOf("detail", "auto", "low", "high", "original");
        Part image = image(fields.requiredString(name), fields.at(name));
        images++;
        if ("low".equals(detail)) {
            imagesOfLowDetail++;
        }
        return image;
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
        if (!head.startsWith("image/") || !head.endsWith(";base64")) {
            throw ApiException.invalid(
                    path,
                    "invalid_image_url",
                    "Invalid '%s': the data URL must begin with data:, the type of an image, and ;base64, as in data:image/png;base64,..."
                            .formatted(path));
        }
        if ((url.length() - comma) / 4L * 3 > MAX_IMAGE_BYTES) {
            throw ApiException.invalid(
                    path,
                    "image_too_large",
                    "Invalid '%s': the image has more than %d bytes.".formatted(path, MAX_IMAGE_BYTES));
        }
        try {
            return Part.image(Base64.getDecoder().decode(url.substring(comma + 1)));
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(path, "invalid_image_url", "Invalid '%s': %s.".formatted(path, e.getMessage()));
        }
    }
}
