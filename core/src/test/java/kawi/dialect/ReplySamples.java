package kawi.dialect;

import java.util.List;

/** Replies as small models write them, good and bad, composed for these tests. */
final class ReplySamples {

    static final List<String> ALL = List.of(
            "The user says hello. A short greeting is enough.\n</think>\n\nHello! How can I help you today?",
            "<think>\n\n</think>\n\nLa capitale de la France est **Paris**.",
            """
            \u7528\u6237\u60F3\u77E5\u9053\u5929\u6C14\u3002
            </think>

            \u597D\u7684\uFF0C\u6211\u6765\u67E5\u4E00\u4E0B\u3002

            <tool_call>
            <function=get_weather>
            <parameter=city>
            \u5317\u4EAC
            </parameter>
            <parameter=unit>
            celsius
            </parameter>
            </function>
            </tool_call>""",
            """
            I need the weather in two cities.
            </think>

            <tool_call>
            <function=get_weather>
            <parameter=city>
            S\u00E3o Paulo
            </parameter>
            <parameter=days>
            3
            </parameter>
            </function>
            </tool_call>
            <tool_call>
            <function=get_weather>
            <parameter=city>
            \u041C\u043E\u0441\u043A\u0432\u0430
            </parameter>
            <parameter=days>
            3
            </parameter>
            </function>
            </tool_call>
            """,
            """
            Ich schreibe die Datei.

            <tool_call>
            <function=write_file>
            <parameter=path>
            index.html
            </parameter>
            <parameter=content>
            <html>
              <body onload="f('<b>')">a < b && c > d</body>
            </html>

            </parameter>
            <parameter=options>
            {"mode": "w", "lines": [1, 2, 3], "note": "a\\nb"}
            </parameter>
            </function>
            </tool_call>""",
            """
            Let me call it.
            <tool_call>
            <function=search>
            <parameter=query>
            what does </parameter> mean in a <function=f> block
            </parameter>
            </function>
            </tool_call>
            </think>

            I am searching now.
            """,
            """
            <function=run>
            <parameter=command>
            for i in 1 2 3; do echo "$i" > /tmp/x; done
            </parameter>
            </function>
            """,
            """
            Sure.
            <tool_call>
            {"name": "send_mail", "arguments": {"to": "a@b.c", "body": "Hi!\\n<tool_call>\\n\\"x\\" {"}}
            </tool_call>
            Sent.
            """,
            "\u0623\u0646\u0627 \u0623\u0628\u062D\u062B \u0627\u0644\u0622\u0646.\n<tool_call>\n<function=search>\n<parameter=q>\n\u0627\u0644\u0637\u0642\u0633"
                    + "\n</parameter>\n</function>\n</tool_call>",
            "<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\n2\n</function>\n</tool_call>\nThree",
            "<tool_call>\nget_weather(city=\"Paris\")\n</tool_call>\nIt is <b>sunny</b>, 20 < 25.",
            "<tool_call>\n<function=get_weather>\n<parameter=city>\nPar",
            "Use `<tool_call>` tags: <tool_call>\n<function=x>\n</function>\n</tool_call> like <this>, or <function=y> so.",
            "Hm, <tool_call> first? No.\n</think>\n\n</think>\n\nNo call <think>needed</think>.\n\n",
            """
            <tool_call>
            <function=write_file>
            <parameter=content>
            Call a tool like this:
            <tool_call>
            <function=f>
            <parameter=x>
            1
            </parameter>
            </function>
            </tool_call>
            That is all.
            </parameter>
            </function>
            </tool_call>

            \u2705 Done \uD83C\uDF89
            """);

    private ReplySamples() {}
}
