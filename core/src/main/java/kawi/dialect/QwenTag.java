package kawi.dialect;

/** The markup of a reply in Qwen3.5's dialect. */
enum QwenTag {
    THINK("<think>"),
    THINK_END("</think>"),
    CALL("<tool_call>"),
    CALL_END("</tool_call>"),
    FUNCTION("<function="),
    FUNCTION_END("</function>"),
    PARAMETER("<parameter="),
    PARAMETER_END("</parameter>");

    final String text;

    QwenTag(String text) {
        this.text = text;
    }
}
