package kawi.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.reply.OfferedTools;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls with two mistakes, which could run with markup in a value, or although they were quoted: they are refused. */
class TwiceDamagedCallTest {

    private static final OfferedTools TOOLS =
            new OfferedTools(Map.of("write", Set.of("path", "content", "note"), "get", Set.of("city")));

    @ParameterizedTest
    @ValueSource(
            strings = {
                // The call around a quoted one has lost both of its opening tags.
                "<toolcall>\n<parameter=content>\n<tool_call>\n<function=get>\n<parameter=city>\nOslo\n</parameter>\n"
                        + "</function>\n</tool_call>\n</parameter>\n</function>\n</tool_call>",
                // Two end tags of another format in place of one of this.
                "<tool_call>\n<function=write>\n<parameter=path>\na.txt\n</arg_value>\n</arg_value>\n"
                        + "<parameter=content>\nx\n</parameter>\n</function>\n</tool_call>",
                // The end of a value is missing, and another end tag comes after the beginning of the next.
                "<tool_call>\n<function=write>\n<parameter=path>\na.txt\n<parameter=content>\n</arg_value>\nx\n"
                        + "</parameter>\n</function>\n</tool_call>",
                // Another end tag, and a beginning that is not closed.
                "<tool_call>\n<function=write>\n<parameter=path>\na.txt\n</param>\n<parameter=content\nx\n"
                        + "</parameter>\n</function>\n</tool_call>",
                // An empty line before an end tag that belongs elsewhere.
                "<tool_call>\n<function=write>\n<parameter=path>\na.txt\n\n</tool_calls>\n<parameter=content>\nx\n"
                        + "</parameter>\n</function>\n</tool_call>"
            })
    void isRefused(String reply) {
        Heard heard = Heard.of(TOOLS, false, List.of(reply));
        assertEquals(List.of(), heard.calls());
        assertFalse(heard.malformed().isEmpty());
    }
}
