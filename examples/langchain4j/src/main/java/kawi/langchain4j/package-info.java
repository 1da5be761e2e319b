/**
 * Kawi models as models of LangChain4j: {@link kawi.langchain4j.KawiChatModel},
 * {@link kawi.langchain4j.KawiStreamingChatModel} and {@link kawi.langchain4j.KawiTokenCountEstimator}.
 *
 * <p>The public classes implement LangChain4j's interfaces and follow its conventions for builders. The others convert
 * between the two libraries, one direction and one subject each; they keep no state between requests. Only the public
 * APIs of Kawi and of langchain4j-core are used, none of LangChain4j's internal classes.
 */
@NullMarked
package kawi.langchain4j;

import org.jspecify.annotations.NullMarked;
