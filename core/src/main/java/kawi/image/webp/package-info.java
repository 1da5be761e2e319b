/**
 * A decoder of the images in WebP files: lossy ones (VP8 key frames, RFC 6386), lossless ones, and the transparency of
 * lossy ones (RFC 9649). Pixels are equal to those of libwebp.
 *
 * <p>Imports nothing of this project.
 */
@NullMarked
package kawi.image.webp;

import org.jspecify.annotations.NullMarked;
