/** A model whose answers are given by a script, for tests: {@link kawi.scripted.ScriptedModel}. */
@NullMarked
package kawi.scripted;

import org.jspecify.annotations.NullMarked;
