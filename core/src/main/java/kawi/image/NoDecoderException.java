package kawi.image;

import java.io.IOException;

/** Thrown when no decoder for a format is on the class path. */
final class NoDecoderException extends IOException {

    private static final long serialVersionUID = 1L;

    NoDecoderException(String mediaType) {
        super(
                "no reader of javax.imageio for %s is on the class path; add com.twelvemonkeys.imageio:imageio-%s:3.14.0 or convert the image to PNG"
                        .formatted(mediaType, mediaType.substring(mediaType.indexOf('/') + 1)));
    }
}
