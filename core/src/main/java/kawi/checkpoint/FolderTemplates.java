package kawi.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import kawi.ModelFileException;
import kawi.files.SmallFile;
import kawi.files.Utf8;
import kawi.json.JsonValue;

/**
 * Reads the chat templates of a Hugging Face folder. The first of these places that has any is used, as in the Hugging
 * Face libraries:
 *
 * <ol>
 *   <li>{@code chat_template.jinja}, the default, and {@code additional_chat_templates/NAME.jinja};
 *   <li>{@code chat_template.json}, an object with the key {@code chat_template};
 *   <li>{@code tokenizer_config.json}, under the same key.
 * </ol>
 *
 * <p>The value in the latter two is a template, or a list of objects with {@code name} and {@code template}.
 */
final class FolderTemplates {

    private static final String KEY = "chat_template";
    private static final String EXTENSION = ".jinja";

    private FolderTemplates() {}

    static ChatTemplates read(Path folder, Optional<JsonFile> tokenizerConfig) {
        Map<String, String> files = files(folder);
        if (!files.isEmpty()) {
            if (!files.containsKey(ChatTemplates.DEFAULT)) {
                legacy(folder, tokenizerConfig).source().ifPresent(source -> files.put(ChatTemplates.DEFAULT, source));
            }
            return new ChatTemplates(files);
        }
        return legacy(folder, tokenizerConfig);
    }

    private static ChatTemplates legacy(Path folder, Optional<JsonFile> tokenizerConfig) {
        return JsonFile.readIfPresent(folder.resolve("chat_template.json"))
                .filter(file -> file.has(KEY))
                .or(() -> tokenizerConfig)
                .map(FolderTemplates::templates)
                .orElse(ChatTemplates.NONE);
    }

    private static ChatTemplates templates(JsonFile file) {
        JsonValue value = file.node().get(KEY);
        if (value == null || !value.isArray()) {
            return file.string(KEY).map(ChatTemplates::of).orElse(ChatTemplates.NONE);
        }
        Map<String, String> byName = new HashMap<>();
        for (JsonValue element : value.values()) {
            JsonFile named = new JsonFile("%s, %s[%d]".formatted(file.where(), KEY, byName.size()), element);
            byName.put(required(named, "name"), required(named, "template"));
        }
        return new ChatTemplates(byName);
    }

    private static String required(JsonFile named, String key) {
        return named.string(key)
                .orElseThrow(() -> new ModelFileException("%s: key %s is missing".formatted(named.where(), key)));
    }

    private static Map<String, String> files(Path folder) {
        Map<String, String> byName = new HashMap<>();
        Path main = folder.resolve(KEY + EXTENSION);
        if (Files.exists(main)) {
            byName.put(ChatTemplates.DEFAULT, text(main));
        }
        Path additional = folder.resolve("additional_chat_templates");
        if (Files.isDirectory(additional)) {
            try (DirectoryStream<Path> templates = Files.newDirectoryStream(additional, "*" + EXTENSION)) {
                for (Path template : templates) {
                    String name = template.getFileName().toString();
                    byName.put(name.substring(0, name.length() - EXTENSION.length()), text(template));
                }
            } catch (IOException e) {
                throw new ModelFileException("%s cannot be read: %s".formatted(additional, e.getMessage()), e);
            }
        }
        return byName;
    }

    private static String text(Path file) {
        try {
            byte[] bytes = SmallFile.read(file, JsonFile.MAX_FILE_BYTES);
            String template = Utf8.decode(MemorySegment.ofArray(bytes), 0, bytes.length);
            if (template == null) {
                throw new ModelFileException("%s is not UTF-8 text".formatted(file));
            }
            return template;
        } catch (IOException e) {
            throw new ModelFileException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }
}
