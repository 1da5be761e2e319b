package kawi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Recognizes the formats of images and films by the first bytes of a file. */
final class MediaTypes {

    static final String UNKNOWN = "application/octet-stream";

    private MediaTypes() {}

    static String of(ByteBuffer data) {
        byte[] bytes = new byte[Math.min(64, data.remaining())];
        data.get(data.position(), bytes);
        String head = new String(bytes, StandardCharsets.ISO_8859_1);
        if (head.startsWith("\u0089PNG\r\n\u001a\n")) {
            return "image/png";
        } else if (head.startsWith("\u00ff\u00d8\u00ff")) {
            return "image/jpeg";
        } else if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) {
            return "image/gif";
        } else if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) {
            return "image/webp";
        } else if (head.startsWith("II*\0") || head.startsWith("MM\0*")) {
            return "image/tiff";
        } else if (head.startsWith("BM")) {
            return "image/bmp";
        } else if (head.startsWith("ftyp", 4)) {
            return isoMedia(head);
        } else if (head.startsWith("\u001aE\u00df\u00a3")) {
            return "video/webm";
        } else if (head.startsWith("\u00ff\n") || head.startsWith("\0\0\0\fJXL ")) {
            return "image/jxl";
        } else if (head.startsWith("%PDF-")) {
            return "application/pdf";
        } else if (head.startsWith("RIFF") && head.startsWith("AVI ", 8)) {
            return "video/x-msvideo";
        } else if (head.contains("<svg")) {
            return "image/svg+xml";
        }
        return UNKNOWN;
    }

    /** Returns the type of a file in the ISO base media format by its major and compatible brands. */
    private static String isoMedia(String head) {
        String brands = head.length() < 16 ? "" : head.substring(8, 12) + head.substring(16);
        if (brands.contains("avif") || brands.contains("avis")) {
            return "image/avif";
        } else if (brands.contains("heic")
                || brands.contains("heix")
                || brands.contains("hevc")
                || brands.startsWith("mif1")
                || brands.startsWith("msf1")) {
            return "image/heic";
        }
        return brands.startsWith("qt  ") ? "video/quicktime" : "video/mp4";
    }
}
