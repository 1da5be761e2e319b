/**
 * Models in files, independent of the file format: {@link kawi.checkpoint.GgufCheckpoint} and {@link
 * kawi.checkpoint.HuggingFaceCheckpoint} are the two kinds of {@link kawi.checkpoint.Checkpoint}.
 *
 * <p>Files are read as their writers meant them, or rejected. This is the rule for every value in this package and in
 * the mappings of architectures:
 *
 * <ul>
 *   <li>A value that matters is understood in all spellings that writers use, or the model is rejected by a sentence
 *   that
 *       names file, key and value. A default stands for a value that is missing, never for one that is present in
 *       another shape. Two values that contradict each other are rejected.
 *   <li>What means "none" or "off" (null, -1, 4294967295, 0 of a count) is as if it were missing.
 *   <li>A value or tensor that is not needed does not matter, whatever its type. It is neither decoded nor checked
 *   beyond
 *       what the format needs to find the next one.
 *   <li>Sampling defaults can be replaced by an option, so they never keep a model from loading: those that cannot be
 *       used are ignored with a warning in the log.
 * </ul>
 */
@NullMarked
package kawi.checkpoint;

import org.jspecify.annotations.NullMarked;
