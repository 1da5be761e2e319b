package kawi.hub;

import kawi.ModelFileException;
import kawi.files.Excerpt;
import org.jspecify.annotations.Nullable;

/**
 * Names of files in a repository, which become names of local files. A hub is not trusted: a name that could refer to a
 * file outside of the cache folder, or that is not a plain path on some operating system, is rejected.
 */
final class RepositoryPath {

    private static final int MAX_LENGTH = 1024;
    private static final int MAX_SEGMENT_LENGTH = 255;

    private RepositoryPath() {}

    /**
     * {@code path}, if it is a plain relative path with {@code /} between folders.
     *
     * @param source the origin of the name, for the message
     */
    static String check(String path, String source) {
        String fault = fault(path);
        if (fault != null) {
            throw new ModelFileException(
                    "%s names a file \"%s\", which %s; it is rejected".formatted(source, Excerpt.of(path), fault));
        }
        return path;
    }

    /** What is wrong with {@code path}, as a clause for messages, or null. */
    static @Nullable String fault(String path) {
        if (path.isEmpty() || path.length() > MAX_LENGTH) {
            return "has %d characters".formatted(path.length());
        }
        if (path.startsWith("/")) {
            return "is an absolute path";
        }
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                return "contains a control character";
            }
            // Separators, drive letters, alternate streams and wildcards of any system.
            if ("\\:*?\"<>|".indexOf(c) >= 0) {
                return "contains the character " + c;
            }
        }
        for (String segment : path.split("/", -1)) {
            if (segment.isEmpty()) {
                return "has an empty segment";
            }
            if (segment.equals(".") || segment.equals("..")) {
                return "leads out of its folder";
            }
            if (segment.length() > MAX_SEGMENT_LENGTH || segment.endsWith(".") || segment.endsWith(" ")) {
                return "is not a valid name on every system";
            }
        }
        return null;
    }

    /** The last part. */
    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
