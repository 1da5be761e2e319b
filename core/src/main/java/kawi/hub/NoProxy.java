package kawi.hub;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The hosts in {@code no_proxy}, separated by commas or blanks:
 *
 * <pre>
 *    *                      all hosts
 *    example.com            this host and all below it; .example.com and *.example.com mean the same
 *    example.com:8080       only at this port
 *    10.1.2.3, [::1]:8080   this address
 *    10.0.0.0/8, fd00::/8   all addresses with this prefix
 * </pre>
 */
record NoProxy(List<String> entries) {

    private static final Pattern PORT = Pattern.compile("(\\[[^\\]]*]|[^:]*):(\\d{1,5})");
    private static final Pattern PREFIX = Pattern.compile("\\[?([0-9a-f.:]+)]?/(\\d{1,3})");

    static NoProxy parse(String value) {
        return new NoProxy(Arrays.stream(value.toLowerCase(Locale.ROOT).split("[,\\s]+"))
                .filter(entry -> !entry.isEmpty())
                .toList());
    }

    boolean contains(String host, int port) {
        String name = host.toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]|\\.$", "");
        InetAddress address = literal(name);
        return entries.stream().anyMatch(entry -> matches(entry, name, address, port));
    }

    private static boolean matches(String entry, String name, @Nullable InetAddress address, int port) {
        if (entry.equals("*")) {
            return true;
        }
        Matcher withPort = PORT.matcher(entry);
        String host = entry;
        if (withPort.matches()) {
            if (Integer.parseInt(withPort.group(2)) != port) {
                return false;
            }
            host = withPort.group(1);
        }
        if (address != null) {
            Matcher prefix = PREFIX.matcher(host);
            return prefix.matches()
                    ? begins(address, literal(prefix.group(1)), Integer.parseInt(prefix.group(2)))
                    : address.equals(literal(host.replaceAll("[\\[\\]]", "")));
        }
        String suffix = host.replaceFirst("^\\*?\\.", "").replaceFirst("\\.$", "");
        return !suffix.isEmpty() && (name.equals(suffix) || name.endsWith("." + suffix));
    }

    /** Whether the first bits of an address are those of a network. */
    private static boolean begins(InetAddress address, @Nullable InetAddress network, int bits) {
        if (network == null) {
            return false;
        }
        byte[] a = address.getAddress();
        byte[] b = network.getAddress();
        if (a.length != b.length || bits > 8 * a.length) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            if (((a[i / 8] ^ b[i / 8]) & (0x80 >> i % 8)) != 0) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable InetAddress literal(String text) {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
