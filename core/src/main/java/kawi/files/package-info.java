/**
 * What the readers and writers of all model file formats share: reading at positions, replacing files atomically, and
 * messages about content.
 */
@NullMarked
package kawi.files;

import org.jspecify.annotations.NullMarked;
