/**
 * JSON text and immutable trees of it, on Jackson's streaming core alone.
 *
 * <p>Kawi needs no data binding. Jackson 3's {@code databind} shares the package {@code
 * com.fasterxml.jackson.annotation} with Jackson 2, so a host that pins an older version of that library would break
 * it; the streaming core depends on nothing. The package is exported to Kawi's own modules only.
 *
 * <p>{@link kawi.json.JsonSyntax} reads text to a {@link kawi.json.JsonValue}, whose {@code toString} is text again.
 * Text that is not JSON is reported by {@link kawi.json.JsonException} in a sentence with line and column. Readers of
 * large files, such as those of vocabularies and tensor headers, use Jackson's tokens directly, and {@link
 * kawi.json.JsonException#of} for what is wrong.
 */
@NullMarked
package kawi.json;

import org.jspecify.annotations.NullMarked;
