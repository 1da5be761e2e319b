package kawi.files;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The names of GGUF files with the vision tower of a model: {@code mmproj-MODEL-F16.gguf} and similar ones. */
public final class VisionName {

    private static final String EXTENSION = ".gguf";

    /** The formats of weights in a name, the preferred ones first. */
    private static final List<String> PREFERRED = List.of("F16", "BF16", "Q8_0", "F32");

    private static final Pattern FORMAT =
            Pattern.compile("(?i)[-._](UD-)?(I?Q\\d[A-Z0-9_]*|TQ\\d[A-Z0-9_]*|BF16|F16|F32|MXFP4[A-Z0-9_]*|NVFP4)$");

    private VisionName() {}

    /** Whether a file has a vision tower by its name, without folders. */
    public static boolean matches(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(EXTENSION) && lower.contains("mmproj");
    }

    /** Whether a name contains a format of weights between separators: Q4_K is not part of Q4_K_M. */
    public static boolean hasFormat(String name, String format) {
        return Pattern.compile("(?i)(^|[-._/])" + Pattern.quote(format) + "($|[-./])")
                .matcher(stem(name))
                .find();
    }

    /** Those of the names that have the most preferred format; all of them if none has a known one. */
    public static List<String> preferred(List<String> names) {
        for (String format : PREFERRED) {
            List<String> found =
                    names.stream().filter(name -> hasFormat(name, format)).toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        return names;
    }

    /** Whether the name of a tower contains that of a model's file, both without the format of the weights. */
    public static boolean isOf(String tower, String model) {
        String whole =
                PartName.of(model).map(PartName::stem).orElse(stem(model)).replaceFirst("-$", "");
        String name = FORMAT.matcher(whole).replaceFirst("");
        return Pattern.compile("(?i)(^|[-._])" + Pattern.quote(name) + "($|[-._])")
                .matcher(stem(tower))
                .find();
    }

    private static String stem(String name) {
        return name.substring(0, name.length() - EXTENSION.length());
    }
}
