/**
 * Shared code of the readers and writers of all model file formats: positional reads, atomic replacement of files, and
 * messages about content.
 */
@NullMarked
package kawi.files;

import org.jspecify.annotations.NullMarked;
