package kawi.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import kawi.Message;
import kawi.Model;
import kawi.ModelFileException;
import kawi.ModelLoader;
import kawi.Prompt;
import kawi.ToolSpecification;
import kawi.files.Fixture;
import kawi.gguf.GgufEdit;
import kawi.gguf.MetadataType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chat templates and special tokens from all places where models have them. */
class ChatTemplatesTest {

    @TempDir
    Path temp;

    private Path folder = Path.of("");

    @BeforeEach
    void copyFolder() throws IOException {
        folder = Files.createDirectory(temp.resolve("model"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Fixture.path("text-vgtk-tied/bf16/" + file), folder.resolve(file));
        }
    }

    private void write(String file, String text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.writeString(path, text);
    }

    private ChatTemplates templates() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.chatTemplates();
        }
    }

    private SpecialTokens tokens() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.specialTokens(null);
        }
    }

    @Test
    void aFolderCanHaveNoTemplate() throws IOException {
        assertEquals(ChatTemplates.NONE, templates());
        write("tokenizer_config.json", "{\"chat_template\": null}");
        assertEquals(ChatTemplates.NONE, templates());
        assertEquals(Optional.empty(), templates().sourceForTools());
    }

    @Test
    void filesOfTheirOwnComeBeforeThoseOfTheTokenizer() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\": \"of the tokenizer\"}");
        assertEquals(Map.of("default", "of the tokenizer"), templates().byName());
        write("chat_template.json", "{\"chat_template\": \"of the processor\"}");
        assertEquals(Map.of("default", "of the processor"), templates().byName());
        write("additional_chat_templates/tool_use.jinja", "for tools");
        write("additional_chat_templates/README.md", "no template");
        assertEquals(
                Map.of("default", "of the processor", "tool_use", "for tools"),
                templates().byName());
        write("chat_template.jinja", "own file");
        assertEquals(
                Map.of("default", "own file", "tool_use", "for tools"),
                templates().byName());
    }

    @Test
    void listsOfTemplates() throws IOException {
        String list = "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"t\"}, "
                + "{\"name\": \"default\", \"template\": \"d\"}, {\"name\": \"rag\", \"template\": \"r\"}]}";
        for (String file : List.of("tokenizer_config.json", "chat_template.json")) {
            write(file, list);
            assertEquals(
                    Map.of("default", "d", "rag", "r", "tool_use", "t"),
                    templates().byName());
            assertEquals(Optional.of("d"), templates().source());
            assertEquals(Optional.of("t"), templates().sourceForTools());
        }
        write("chat_template.json", "{\"chat_template\": [{\"name\": \"only\", \"template\": \"o\"}]}");
        assertEquals(Optional.of("o"), templates().source());
        assertEquals(Optional.of("o"), templates().sourceForTools());
    }

    @Test
    void whatIsNoTemplateIsRefusedWithItsPlace() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"default\"}]}");
        assertEquals(
                folder.resolve("tokenizer_config.json") + ", chat_template[0]: key template is missing",
                assertThrows(ModelFileException.class, this::templates).getMessage());
        write("tokenizer_config.json", "{\"chat_template\": 7}");
        assertEquals(
                folder.resolve("tokenizer_config.json") + ": key chat_template should be a string, found 7",
                assertThrows(ModelFileException.class, this::templates).getMessage());
        Files.write(folder.resolve("chat_template.jinja"), new byte[] {(byte) 0xFF});
        assertTrue(String.valueOf(
                        assertThrows(ModelFileException.class, this::templates).getMessage())
                .endsWith("chat_template.jinja is not UTF-8 text"));
    }

    @Test
    void specialTokensAreTextsOrObjects() throws IOException {
        assertEquals(SpecialTokens.NONE, tokens());
        write("special_tokens_map.json", "{\"bos_token\": \"<m>\", \"sep_token\": {\"content\": \"<sep>\"}}");
        assertEquals(Map.of("bos_token", "<m>", "sep_token", "<sep>"), tokens().byName());
        String config = """
                {"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}, "unk_token": null,
                 "add_bos_token": false, "image_token": "<image>", "model_max_length": 9,
                 "additional_special_tokens": ["<a>", {"content": "<b>"}]%s}""";
        write("tokenizer_config.json", config.formatted(""));
        assertEquals(
                Map.of("bos_token", "<m>", "eos_token", "</s>", "image_token", "<image>", "sep_token", "<sep>"),
                tokens().byName());
        assertEquals(List.of("<a>", "<b>"), tokens().additional());
        write("tokenizer_config.json", config.formatted(", \"added_tokens_decoder\": {}"));
        assertEquals(Map.of("bos_token", "<s>", "eos_token", "</s>", "image_token", "<image>"), tokens().byName());
        write("tokenizer_config.json", "{\"extra_special_tokens\": {\"audio_token\": \"<audio>\"}}");
        assertEquals("<audio>", tokens().byName().get("audio_token"));
    }

    private static GgufEdit demo() {
        return GgufEdit.of(Path.of("../examples/demo-model/src/main/resources/kawi/demo/demo-q8_0.gguf"));
    }

    private Path demoWith(Map<String, String> templates) {
        GgufEdit edit = demo();
        templates.forEach((key, source) -> edit.put(key, MetadataType.STRING, source));
        return edit.writeTo(temp.resolve("changed.gguf"));
    }

    @Test
    void specialTokensOfGgufHaveIds() throws IOException {
        Path file = demo().put("tokenizer.ggml.bos_token_id", MetadataType.INT32, -1)
                .put("tokenizer.ggml.padding_token_id", MetadataType.UINT32, 0xFFFFFFFFL)
                .put("tokenizer.ggml.unknown_token_id", MetadataType.UINT32, 5_000_000L)
                .put("tokenizer.ggml.seperator_token_id", MetadataType.UINT32, 5L)
                .writeTo(temp.resolve("changed.gguf"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            var tokenizer = Objects.requireNonNull(checkpoint.tokenizer());
            assertEquals(
                    Map.of("eos_token", "<|im_end|>", "sep_token", tokenizer.text(5)),
                    checkpoint.specialTokens(tokenizer).byName());
            assertEquals(SpecialTokens.NONE, checkpoint.specialTokens(null));
        }
    }

    @Test
    void theTemplateForToolsIsUsedWithTools() throws IOException {
        Path file = demoWith(Map.of(
                "tokenizer.chat_template", "{{ messages[0].content }} <|im_start|>",
                "tokenizer.chat_template.tool_use",
                        "{{ tools[0].function.name }}: {{ messages[0].content }}<|im_start|>{# <tool_call> #}",
                "tokenizer.chat_template.rag", "{{ documents | length }}"));
        try (Model model = Model.load(file)) {
            Prompt prompt = model.prompt(List.of(Message.user("Hi")));
            assertEquals("Hi <|im_start|>", text(model, prompt));
            assertEquals(
                    "clock: Hi<|im_start|>", text(model, prompt.tools(new ToolSpecification("clock", "The time"))));
        }
        ModelLoader loader = Model.loader(file).chatTemplate("rag").templateVariable("documents", List.of("a", "b"));
        try (Model model = loader.load()) {
            assertEquals("2", text(model, model.prompt("Hi")));
        }
    }

    @Test
    void anInvalidTemplateForToolsFailsOnlyWithTools() throws IOException {
        Path file = demoWith(Map.of(
                "tokenizer.chat_template", "{{ messages[0].content }}<|im_start|><tool_call>",
                "tokenizer.chat_template.tool_use", "<|im_start|>\n{% include '<tool_call>' %}"));
        try (Model model = Model.load(file)) {
            Prompt prompt = model.prompt("Hi");
            assertEquals("Hi<|im_start|><tool_call>", text(model, prompt));
            Prompt withTools = prompt.tools(new ToolSpecification("clock", "The time"));
            assertEquals(
                    "chat template changed.gguf, line 2, column 4: the tag 'include' is not supported in chat templates",
                    assertThrows(ModelFileException.class, withTools::tokens).getMessage());
        }
    }

    private static String text(Model model, Prompt prompt) {
        return model.tokenizer().orElseThrow().decode(prompt.tokens());
    }
}
