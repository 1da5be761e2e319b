package kawi.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kawi.reply.MalformedCall;
import kawi.reply.OfferedTools;
import kawi.reply.ParsedCall;
import kawi.reply.ReplyParser;
import kawi.reply.ReplySink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QwenReplyTest {

    private static final String PARIS = """
            <tool_call>
            <function=get_weather>
            <parameter=city>
            Paris
            </parameter>
            </function>
            </tool_call>""";

    private static Heard answer(String reply) {
        return Heard.whole(false, true, reply);
    }

    private static Heard thinking(String reply) {
        return Heard.whole(true, true, reply);
    }

    private static Heard withoutTools(String reply) {
        return Heard.whole(false, false, reply);
    }

    @Test
    void aThoughtAndAnAnswer() {
        Heard heard =
                Heard.whole(true, false, "The user greets me.\nI greet back.\n</think>\n\nHello!\n\nHow are you?\n");
        assertEquals("The user greets me.\nI greet back.", heard.thought());
        assertEquals("Hello!\n\nHow are you?\n", heard.text());
    }

    @Test
    void anOpenerThatThePromptHasAlreadyIsDropped() {
        Heard heard = Heard.whole(true, false, "<think>\n\n  Hm.  \n\n</think>\n\n  indented");
        assertEquals("Hm.", heard.thought());
        assertEquals("  indented", heard.text());
    }

    @Test
    void aThoughtThatIsNotClosedIsAllThereIs() {
        Heard heard = thinking("One. Two.\n\nThree </thin\n");
        assertEquals("One. Two.\n\nThree </thin", heard.thought());
        assertEquals("", heard.text());
    }

    @Test
    void aStrayThoughtWithThinkingOff() {
        Heard heard = withoutTools("\n<think>\nreally?\n</think>\n\nYes.");
        assertEquals("really?", heard.thought());
        assertEquals("Yes.", heard.text());
        assertEquals(
                List.of("text: Yes."),
                withoutTools("<think>\n\n</think>\n\nYes.").events());
        assertEquals(List.of("text: Yes."), withoutTools("</think>\n\nYes.").events());
        assertEquals(
                List.of("text: Yes."),
                thinking("\n</think>\n\n</think>\n\nYes.").events());
    }

    @Test
    void twoThoughtsAreOneWithABlankLineBetween() {
        Heard heard = thinking("One.\n</think>\n\n<think>\nTwo.\n</think>\n\nText.");
        assertEquals("One.\n\nTwo.", heard.thought());
        assertEquals("Text.", heard.text());
    }

    @Test
    void inAnAnswerThinkTagsAreWords() {
        String text = "Models write <think> and </think> around a thought; <think>\nso\n</think>.";
        assertEquals(List.of("text: " + text), answer(text).events());
        assertEquals(List.of("text: " + text), withoutTools(text).events());
    }

    @Test
    void whiteSpaceOfAPlainAnswerStays() {
        String text = "\n\n  verse one\n\n\n  verse two \n\n";
        assertEquals(text, answer(text).text());
        assertEquals(text, withoutTools(text).text());
        assertEquals(" \n", answer(" \n").text());
    }

    @Test
    void aCallAlone() {
        Heard heard = answer(PARIS);
        assertEquals(List.of("call: get_weather(city=Paris)"), heard.events());
        assertEquals(PARIS, heard.calls().getFirst().rawText());
    }

    @Test
    void textAroundCalls() {
        Heard heard = thinking("I need both.\n</think>\n\nLet me look.\n\n" + PARIS + "\n"
                + PARIS.replace("Paris", "Z\u00FCrich") + "\n\nDone.\n" + PARIS + "\n");
        assertEquals("I need both.", heard.thought());
        assertEquals("Let me look.\n\nDone.", heard.text());
        assertEquals(
                List.of("get_weather(city=Paris)", "get_weather(city=Z\u00FCrich)", "get_weather(city=Paris)"),
                heard.calls().stream().map(Heard::show).toList());
        assertEquals(
                List.of(
                        "thought: I need both.",
                        "text: Let me look.",
                        "call: get_weather(city=Paris)",
                        "call: get_weather(city=Z\u00FCrich)",
                        "text: \n\nDone.",
                        "call: get_weather(city=Paris)"),
                heard.events());
    }

    @Test
    void wordsAroundACallDoNotRunTogether() {
        assertEquals("Before after", answer("Before " + PARIS + "after").text());
        assertEquals("Before after", answer("Before" + PARIS + " after").text());
        assertEquals("after", answer("\n\n" + PARIS + "\n\nafter").text());
        assertEquals("Before", answer("Before\n\n" + PARIS + "\n\n").text());
    }

    @Test
    void severalParametersKeepTheirOrderAndTheirText() {
        Heard heard = answer("""
                <tool_call>
                <function=write_file>
                <parameter=path>
                src/\u4E3B\u8981.html
                </parameter>
                <parameter=content>
                <!DOCTYPE html>
                <p class="a">1 < 2 && 3 > 2</p>

                  "quoted" \\n 'text' </param> <parameter <tool_call <b>\uD83E\uDE81</b>

                </parameter>
                <parameter=empty>

                </parameter>
                <parameter=overwrite>
                True
                </parameter>
                </function>
                </tool_call>
                """);
        assertEquals("""
                write_file(path=src/\u4E3B\u8981.html, content=<!DOCTYPE html>
                <p class="a">1 < 2 && 3 > 2</p>

                  "quoted" \\n 'text' </param> <parameter <tool_call <b>\uD83E\uDE81</b>
                , empty=, overwrite=True)""", heard.call());
        assertEquals("", heard.text());
    }

    @Test
    void exactlyOneNewlineAtEitherSideIsTheTags() {
        assertEquals(
                "f(a=\n x \n)",
                answer(function("<parameter=a>\n\n x \n\n</parameter>\n")).call());
        assertEquals(
                "f(a= x )", answer(function("<parameter=a> x </parameter>")).call());
        assertEquals("f(a=)", answer(function("<parameter=a></parameter>")).call());
        assertEquals("f(a=)", answer(function("<parameter=a>\n</parameter>")).call());
        assertEquals(
                "f(a=\r\n)",
                answer(function("<parameter=a>\n\r\n\n</parameter>")).call());
        assertEquals("f()", answer(function("")).call());
    }

    private static String function(String body) {
        return "<tool_call>\n<function=f>\n" + body + "</function>\n</tool_call>";
    }

    @Test
    void aClosingTagInsideAValueIsText() {
        assertEquals(
                "f(a=x\n</parameter>\ny, b=</parameter> z)",
                answer(function("""
                                <parameter=a>
                                x
                                </parameter>
                                y
                                </parameter>
                                <parameter=b>
                                </parameter> z
                                </parameter>
                                </parameter>
                                """)).call());
        assertEquals(
                "f(a=a </function> b </tool_call x> c <function=g> d </parameter>.)",
                answer(function("<parameter=a>\n"
                                + "a </function> b </tool_call x> c <function=g> d </parameter>.\n</parameter>"))
                        .call());
    }

    @Test
    void aValueMayQuoteACall() {
        String sample = "To call a tool, write\n\n" + PARIS + "\n\nor\n" + PARIS + "\n</parameter>\nand no more.";
        assertEquals(
                "f(a=" + sample + ", b=1)",
                answer(function("<parameter=a>\n" + sample + "\n</parameter>\n<parameter=b>\n1\n</parameter>\n"))
                        .call());
    }

    @Test
    void omissionsAreForgiven() {
        String whole = "get_weather(city=Paris)";
        assertEquals(
                whole,
                answer("<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n</function>")
                        .call());
        assertEquals(
                whole,
                answer("<function=get_weather><parameter=city>Paris</parameter></function>")
                        .call());
        assertEquals(whole, answer(PARIS.replace("\n</tool_call>", "")).call());
        assertEquals(whole, answer(PARIS.replace("<tool_call>\n", "")).call());
        assertEquals(whole, answer(PARIS.replace("</function>\n", "")).call());
        assertEquals(whole, answer(PARIS.replace("</parameter>\n", "")).call());
        assertEquals(
                whole,
                answer(PARIS.replace("</parameter>\n", "").replace("\n</tool_call>", "\n"))
                        .call());
        assertEquals(whole, answer("<tool_call>\n" + PARIS).call());
        for (String text : List.of(PARIS + "\n</tool_call>", PARIS + "\n</function>\n</tool_call>\n")) {
            assertEquals("", answer(text).text());
            assertEquals(whole, answer(text).call());
        }
        // What is between a call and its end is not text.
        Heard text = answer(PARIS.replace("\n</tool_call>", "\n\nNow I wait.\n</tool_call>"));
        assertEquals(whole, text.call());
        assertEquals("", text.text());
        assertEquals(
                "Now I wait.",
                answer(PARIS.replace("\n</tool_call>", "\n\nNow I wait.")).text());
    }

    @Test
    void severalFunctionsInOneElement() {
        Heard heard = answer("""
                <tool_call>
                <function=a>
                </function>
                <function=b>
                <parameter=x>
                1
                </parameter>
                </function>
                </tool_call>ok""");
        assertEquals(
                List.of("a()", "b(x=1)"),
                heard.calls().stream().map(Heard::show).toList());
        assertEquals("ok", heard.text());
        heard = answer("<function=a>\n</function>\n<function=b>\n</function>");
        assertEquals(
                List.of("a()", "b()"), heard.calls().stream().map(Heard::show).toList());
    }

    @Test
    void theJsonForm() {
        Heard heard = answer("""
                <tool_call>
                {"name": "add", "arguments": {"a": 1.50, "b": "}\\" </tool_call>\\n", "c": [{}, 1e3]}}
                </tool_call>
                <tool_call>
                {"arguments": "{\\"x\\": \\"\u00E9\\"}", "name": "g"}
                {"name": "h"}
                </tool_call>""");
        assertEquals(
                List.of("add{\"a\":1.50,\"b\":\"}\\\" </tool_call>\\n\",\"c\":[{},1e3]}", "g{\"x\":\"\u00E9\"}", "h{}"),
                heard.calls().stream().map(Heard::show).toList());
        assertEquals("", heard.text());
        assertEquals(List.of(), heard.malformed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "done"})
    void anObjectAfterTheEndOfACallIsText(String dropped) {
        Heard heard = answer("<tool_call>{\"name\": \"f\"}" + dropped + "</tool_call>{\"name\": \"g\"}");
        assertEquals(List.of("f{}"), heard.calls().stream().map(Heard::show).toList());
        assertEquals("{\"name\": \"g\"}", heard.text());
        assertEquals(
                "<tool_call>{\"name\": \"f\"}" + dropped + "</tool_call>",
                heard.calls().getFirst().rawText());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": }}\n</tool_call>",
                "<tool_call>\n{\"name\": \"f\", \"arguments\": [1]}\n</tool_call>",
                "<tool_call>\n{\"name\": \"f\", \"arguments\": \"[1]\"}\n</tool_call>",
                "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1, \"a\": 2}}\n</tool_call>",
                "<tool_call>\n{\"arguments\": {}}\n</tool_call>",
                "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"unclosed}}\n</tool_call>",
                "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}</tool_call>",
                "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1",
                "<tool_call></tool_call>",
                "<tool_call>\nget_weather(\"Paris\")\n</tool_call>",
                "<tool_call>\n<parameter=x>\n1\n</parameter>\n</tool_call>",
                "<tool_call>\n<function=>\n</function>\n</tool_call>",
                "<tool_call>\n<function=get weather>\n</function>\n</tool_call>",
                "<tool_call>\n<function=f>\ncity: Paris\n</function>\n</tool_call>",
                "<tool_call>\n<function=f>\n<parameter=x>\n1\n</parameter>\nx\n</function>\n</tool_call>",
                "<tool_call>\n<function=f>\n<parameter=x>1</parameter>\n<parameter=x>2</parameter>\n</function>\n</tool_call>",
                "<tool_call>\n<function=f>\n</function>\n<parameter=x>\n1\n</parameter>\n</tool_call>",
                "<tool_call>\n<function=f>\n<parameter=x\n1\n</parameter>\n</function>\n</tool_call>",
                "<tool_call>",
                "<tool_call>\n<func",
                "<tool_call>\n<function=f",
                "<tool_call>\n<function=f>\n",
                "<tool_call>\n<function=f>\n<parameter=x",
                "<tool_call>\n<function=f>\n<parameter=x>\n1\n</parameter>\n",
                "<tool_call>\n<function=f>\n<parameter=x>\n1\n</parameter>\n</func",
                "<function=f>\n<parameter=x>\n1\n",
                "<function=f",
            })
    void malformedCallsAreToldWithTextAndReason(String call) {
        Heard heard = answer("Before.\n" + call);
        assertEquals("Before.", heard.text());
        assertEquals(List.of(), heard.calls());
        assertEquals(1, heard.malformed().size());
        assertEquals(call, heard.malformed().getFirst().rawText());
        assertTrue(heard.malformed().getFirst().reason().length() > 10);
        if (call.endsWith("</tool_call>")) {
            heard = answer(call + "\n" + PARIS + "\nAfter.");
            assertEquals("After.", heard.text());
            assertEquals(1, heard.calls().size());
            assertEquals(1, heard.malformed().size());
        }
    }

    @Test
    void reasonsSayWhere() {
        assertEquals(
                "the reply ended in parameter city of function get_weather",
                answer(PARIS.substring(0, PARIS.indexOf("is\n")))
                        .malformed()
                        .getFirst()
                        .reason());
        assertEquals(
                "there is text between the parameters of function f",
                answer(function("x")).malformed().getFirst().reason());
    }

    @Test
    void aCallAfterAnUnfinishedOneCounts() {
        Heard heard = answer("<tool_call>\nweather?\n" + PARIS);
        assertEquals(1, heard.malformed().size());
        assertEquals("<tool_call>\nweather?\n", heard.malformed().getFirst().rawText());
        assertEquals(1, heard.calls().size());
    }

    @Test
    void callsInsideTheThought() {
        Heard heard = thinking("I look.\n" + PARIS + "\nThen I wait.\n</think>\n\nWait.");
        assertEquals("I look.\nThen I wait.", heard.thought());
        assertEquals("Wait.", heard.text());
        assertEquals(List.of(), heard.calls());
        heard = thinking("I look.\n" + PARIS);
        assertEquals("I look.", heard.thought());
        assertEquals("get_weather(city=Paris)", heard.call());
    }

    @Test
    void theEndOfAThoughtEndsAnUnfinishedCall() {
        Heard heard = thinking("So <tool_call>\n<function=f>\n<parameter=x>\n1\n</think>\n\n");
        assertEquals("So", heard.thought());
        assertEquals(
                "the thought ended in parameter x of function f",
                heard.malformed().getFirst().reason());
        assertEquals(
                "f()",
                thinking("So <tool_call>\n<function=f>\n</function>\n</think>\n\n")
                        .call());
        assertEquals(
                "f(x=1)",
                thinking("<function=f><parameter=x>1</function></think>").call());
        for (String call : List.of(
                "<tool_call>\n<function=f>\n<parameter=x>\n1\n",
                "<tool_call>\n<function=f>\n</function>\n",
                "<function=f><parameter=x>1</function>")) {
            assertEquals(
                    List.of("thought: So", "text: Hello."),
                    thinking("So " + call + "</think>\n\nHello.").events());
        }
        assertEquals(
                "Hello.",
                thinking("{ <tool_call>{\"name\": \"</think>\n\nHello.").text());
    }

    @Test
    void talkAboutTagsInAThoughtIsNoCall() {
        Heard heard =
                thinking("I use <tool_call> with a <function=name> inside, then stop </tool_call>\n</think>\n\nHi.");
        assertEquals("I use with a <function=name> inside, then stop", heard.thought());
        assertEquals("Hi.", heard.text());
        assertEquals(List.of(), heard.malformed());
        assertEquals(
                "a b", thinking("a <tool_call> <tool_call>\n <tool_call> b").thought());
        assertEquals("Hi.", thinking("a <tool_call>\n</think>\nHi.").text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a < b and c <d> e << f",
                "<tool_calls are>",
                "The <tool_call tag, <toolcall> and < tool_call>.",
                "<think of it",
                "<function> is a tag, <function=> is not, <function=f(x)> neither",
                "Write `<function=name>` and `<function=a b>`, then <function=x>\n<p>",
                "<functions=1>",
                "List<Map<String, List<Integer>>> x = f(<caret>);",
                "</tool_cal",
                "a <",
                "if (a <t) return </html>",
                "<parameter> and </parameter> and </function> in XML",
                "<function=f",
            })
    void whatMerelyLooksSimilarIsText(String text) {
        if (!text.equals("<function=f")) { // the beginning of a call
            assertEquals(List.of("text: " + text), answer(text).events());
            assertEquals(List.of("thought: " + text), thinking(text).events());
        }
        assertEquals(List.of("text: " + text), withoutTools(text).events());
    }

    @Test
    void aReplyMayEndInTheFirstTagOfACall() {
        for (String cut : List.of("<", "<t", "<tool_call", "<fun", "<function")) {
            Heard heard = answer("Before.\n\n" + cut);
            assertEquals("Before.", heard.text());
            assertEquals(cut, heard.malformed().getFirst().rawText());
            assertEquals(
                    "the reply ended in the tag of a call",
                    heard.malformed().getFirst().reason());
        }
        assertEquals("a <", answer("a <").text());
        assertEquals("<", answer("<").text());
        assertEquals("<tool_", withoutTools("<tool_").text());
    }

    @Test
    void withoutToolsCallsAreText() {
        assertEquals(
                List.of("text: " + PARIS + "\n"), withoutTools(PARIS + "\n").events());
        Heard heard = Heard.whole(true, false, PARIS + "\n</think>\n" + PARIS);
        assertEquals(PARIS, heard.thought());
        assertEquals(PARIS, heard.text());
    }

    @Test
    void onlyWhatIsNeededIsHeldBack() {
        assertEquals(
                List.of("Hi", ",", " x", "\n<b>", "<", "</tool_calx"),
                pieces(false, "Hi", ",", " ", "x", "\n", "<b>", "<", "<", "/tool_cal", "x"));
        assertEquals(List.of("a", " ", "<tool_call>", "\n"), pieces(true, "a", " ", "<tool_call>", "\n"));
    }

    private static List<String> pieces(boolean noTools, String... given) {
        var heard = new ArrayList<String>();
        var parser = new ReplyParser(
                new QwenDialect().markup(), false, noTools ? OfferedTools.NONE : Heard.SOME, new ReplySink() {
                    @Override
                    public void onThought(String text) {
                        throw new AssertionError(text);
                    }

                    @Override
                    public void onText(String text) {
                        heard.add(text);
                    }

                    @Override
                    public void onCall(ParsedCall call) {
                        throw new AssertionError(call);
                    }

                    @Override
                    public void onMalformedCall(MalformedCall call) {
                        throw new AssertionError(call);
                    }
                });
        for (String piece : given) {
            parser.push(piece);
        }
        parser.finish();
        assertThrows(IllegalStateException.class, () -> parser.push("more"));
        return heard;
    }

    /** A value is looked for beyond the end of the call that is refused because of it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatFollowsARefusedCallIsReadFromItsEnd(boolean thinking) {
        Heard heard = Heard.whole(
                thinking,
                true,
                "<function=f><parameter=p>x</parameter>y</tool_call><tool_call></parameter><parameter=<think>");
        assertEquals("", heard.text());
        assertEquals("", heard.thought());
        assertEquals(List.of(), heard.calls());
        assertEquals(
                thinking
                        ? List.of("there is a parameter after the end of the call")
                        : List.of(
                                "the name of a parameter does not end with >",
                                "<tool_call> is followed by neither <function= nor a JSON object"),
                heard.malformed().stream().map(MalformedCall::reason).toList());
    }
}
