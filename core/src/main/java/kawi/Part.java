package kawi;

import java.util.Arrays;
import java.util.Objects;

/** A part of a {@link Message}'s content. */
public sealed interface Part {

    /**
     * Text.
     *
     * @param text what is said; may be empty
     */
    record Text(String text) implements Part {
        public Text {
            Objects.requireNonNull(text, "text");
        }
    }

    /**
     * An image, as the bytes of a file. Image input is not supported yet: a prompt with an image is refused.
     *
     * @param data the file's bytes
     * @param mediaType such as {@code image/png}
     */
    record Image(byte[] data, String mediaType) implements Part {
        public Image {
            data = Objects.requireNonNull(data, "data").clone();
            Objects.requireNonNull(mediaType, "mediaType");
        }

        @Override
        public byte[] data() {
            return data.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Image image && Arrays.equals(data, image.data) && mediaType.equals(image.mediaType);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(data) + mediaType.hashCode();
        }

        @Override
        public String toString() {
            return "Image[%s, %d bytes]".formatted(mediaType, data.length);
        }
    }

    /** A part that is text. */
    static Part text(String text) {
        return new Text(text);
    }
}
