package kawi.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A URI reference, taken apart and resolved as RFC 3986 describes (section 5.2, appendix B). {@link java.net.URI}
 * rejects characters that occur in schemas, and does not resolve references against a {@code urn:}.
 */
record UriReference(
        @Nullable String scheme,
        @Nullable String authority,
        String path,
        @Nullable String query,
        @Nullable String fragment) {

    private static final Pattern PARTS =
            Pattern.compile("(?s)(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\\?([^#]*))?(?:#(.*))?");

    static UriReference of(String text) {
        var parts = PARTS.matcher(text);
        if (!parts.matches()) {
            throw new IllegalStateException("every text matches this pattern, but not " + text);
        }
        return new UriReference(
                parts.group(1), parts.group(2), Objects.requireNonNull(parts.group(3)), parts.group(4), parts.group(5));
    }

    /** The reference relative to {@code base}, which is absolute or empty. */
    UriReference in(UriReference base) {
        if (scheme != null) {
            return new UriReference(scheme, authority, withoutDots(path), query, fragment);
        } else if (authority != null) {
            return new UriReference(base.scheme, authority, withoutDots(path), query, fragment);
        } else if (path.isEmpty()) {
            return new UriReference(
                    base.scheme, base.authority, base.path, query == null ? base.query : query, fragment);
        }
        var merged = path.startsWith("/")
                ? path
                : base.authority != null && base.path.isEmpty()
                        ? "/" + path
                        : base.path.substring(0, base.path.lastIndexOf('/') + 1) + path;
        return new UriReference(base.scheme, base.authority, withoutDots(merged), query, fragment);
    }

    private static String withoutDots(String path) {
        if (!path.contains(".")) {
            return path;
        }
        List<String> kept = new ArrayList<>();
        var segments = path.split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            switch (segments[i]) {
                case "." -> {
                    if (last) {
                        kept.add("");
                    }
                }
                case ".." -> {
                    if (kept.size() > 1 || (kept.size() == 1 && !kept.getFirst().isEmpty())) {
                        kept.removeLast();
                    }
                    if (last) {
                        kept.add("");
                    }
                }
                default -> kept.add(segments[i]);
            }
        }
        return String.join("/", kept);
    }

    /** What the reference identifies as a whole: everything before the fragment. */
    UriReference document() {
        return new UriReference(scheme, authority, path, query, null);
    }

    @Override
    public String toString() {
        return (scheme == null ? "" : scheme + ":")
                + (authority == null ? "" : "//" + authority)
                + path
                + (query == null ? "" : "?" + query)
                + (fragment == null ? "" : "#" + fragment);
    }
}
