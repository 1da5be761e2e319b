package kawi.hub;

import java.util.Locale;
import java.util.regex.Pattern;
import kawi.ModelFileException;
import kawi.ModelHub;
import kawi.files.Excerpt;
import org.jspecify.annotations.Nullable;

/**
 * A model on a hub:
 *
 * <pre>
 *    hf:OWNER/REPOSITORY                 the model in it, in any format
 *    hf:OWNER/REPOSITORY:Q4_K_M          its GGUF file of that quantization, or all files that it is split into
 *    hf:OWNER/REPOSITORY/FOLDER/X.gguf   that file
 *    …@REVISION                          of that branch, tag or commit; main otherwise
 * </pre>
 *
 * @param owner a user or an organization
 * @param name the repository's name without its owner
 * @param quantization part of the name of a GGUF file, such as {@code Q4_K_M}
 * @param file a file's path in the repository; never together with a quantization
 * @param revision as given, or null
 */
public record HubReference(
        String owner,
        String name,
        @Nullable String quantization,
        @Nullable String file,
        @Nullable String revision) {

    private static final String PREFIX = "hf:";
    private static final String DEFAULT_REVISION = "main";
    private static final String FORMS =
            "expected hf:OWNER/REPOSITORY, hf:OWNER/REPOSITORY:QUANTIZATION or hf:OWNER/REPOSITORY/FILE.gguf, each optionally followed by @REVISION";

    /**
     * Two consecutive hyphens would make the names of cache folders ambiguous; hubs allow neither them nor two
     * consecutive dots.
     */
    private static final Pattern NAME =
            Pattern.compile("(?!.*(--|\\.\\.))[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?");

    private static final Pattern QUANTIZATION = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    /** The names that git allows for branches and tags. */
    private static final Pattern REVISION = Pattern.compile(
            "(?!.*(\\.\\.|//|/\\.|\\.lock(/|$)|\\.(/|$)))[^\\s\\p{Cntrl}\\p{Cf}~^:?*\\[\\\\@./\"<>|-][^\\s\\p{Cntrl}\\p{Cf}~^:?*\\[\\\\@\"<>|]{0,253}");

    /** Whether {@code text} is a reference to a hub rather than a path. */
    public static boolean isOne(String text) {
        return ModelHub.isReference(text);
    }

    /**
     * Parses a reference.
     *
     * @throws ModelFileException if it is not a reference; the message gives the expected form
     */
    public static HubReference parse(String text) {
        if (!isOne(text)) {
            throw wrong(text, "it does not begin with hf:");
        }
        String rest = text.substring(PREFIX.length());
        String revision = null;
        int at = rest.lastIndexOf('@');
        if (at >= 0) {
            revision = rest.substring(at + 1);
            if (!REVISION.matcher(revision).matches() || revision.endsWith("/")) {
                throw wrong(text, "\"%s\" cannot be a branch, a tag or a commit".formatted(Excerpt.of(revision)));
            }
            rest = rest.substring(0, at);
        }
        int slash = rest.indexOf('/');
        if (slash < 0) {
            throw wrong(text, "the owner of the repository is missing");
        }
        String owner = rest.substring(0, slash);
        String name = rest.substring(slash + 1);
        String quantization = null;
        String file = null;
        int inside = name.indexOf('/');
        int colon = name.indexOf(':');
        if (inside >= 0) {
            file = name.substring(inside + 1);
            name = name.substring(0, inside);
            String fault = RepositoryPath.fault(file);
            if (fault != null) {
                throw wrong(text, "the file's path " + fault);
            }
            if (!isGguf(file)) {
                throw wrong(
                        text,
                        "a single file must be a .gguf file; a folder of safetensors is the repository's name alone");
            }
        } else if (colon >= 0) {
            quantization = name.substring(colon + 1);
            name = name.substring(0, colon);
            if (!QUANTIZATION.matcher(quantization).matches()) {
                throw wrong(
                        text,
                        "\"%s\" is not the name of a quantization such as Q4_K_M".formatted(Excerpt.of(quantization)));
            }
        }
        for (String part : new String[] {owner, name}) {
            if (!NAME.matcher(part).matches()) {
                throw wrong(text, "\"%s\" cannot be the name of an owner or a repository".formatted(Excerpt.of(part)));
            }
        }
        return new HubReference(owner, name, quantization, file, revision);
    }

    private static ModelFileException wrong(String text, String fault) {
        return new ModelFileException("%s: %s; %s".formatted(Excerpt.of(text), fault, FORMS));
    }

    static boolean isGguf(String path) {
        return path.toLowerCase(Locale.ROOT).endsWith(".gguf");
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    /** Owner and name. */
    public String repository() {
        return owner + "/" + name;
    }

    /** The revision to request. */
    String revisionOrDefault() {
        return revision == null ? DEFAULT_REVISION : revision;
    }

    /** The reference as {@link #parse} reads it. */
    @Override
    public String toString() {
        return PREFIX
                + repository()
                + (quantization == null ? "" : ":" + quantization)
                + (file == null ? "" : "/" + file)
                + (revision == null ? "" : "@" + revision);
    }
}
