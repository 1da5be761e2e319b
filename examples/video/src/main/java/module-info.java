/** Films that the program ffmpeg reads, as input of models: {@link kawi.video.Ffmpeg}. */
module kawi.video {
    requires transitive kawi.core;
    requires static org.jspecify;

    exports kawi.video;
}
