/** What the readers and writers of all model file formats share: mapping, staging, and describing bytes to people. */
@NullMarked
package kawi.files;

import org.jspecify.annotations.NullMarked;
