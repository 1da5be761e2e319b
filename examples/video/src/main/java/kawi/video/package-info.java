/** Films that the program ffmpeg reads, as input of models: {@link kawi.video.Ffmpeg}. */
@NullMarked
package kawi.video;

import org.jspecify.annotations.NullMarked;
