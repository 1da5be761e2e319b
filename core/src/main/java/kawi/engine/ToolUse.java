package kawi.engine;

import kawi.ToolChoice;

/**
 * Which tools an answer may call.
 *
 * @param choice whether it may, must or must not call tools
 * @param parallel whether it may have more than one call at a time
 */
record ToolUse(ToolChoice choice, boolean parallel) {

    static final ToolUse DEFAULT = new ToolUse(ToolChoice.auto(), true);
}
