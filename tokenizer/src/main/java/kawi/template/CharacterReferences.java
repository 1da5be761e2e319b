package kawi.template;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The character references of HTML, such as {@code &amp;} and {@code &#8364;}, replaced as Python's
 * {@code html.unescape} does. Of the names, those of HTML 4 are known; others are left as they are.
 */
final class CharacterReferences {

    /** The names of the characters from U+00A0, which are also recognized without a semicolon. */
    private static final String LATIN = """
            nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2
            sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc
            Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve
            Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute
            acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde
            ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml
            """;

    private static final String OTHERS = """
            OElig=152 oelig=153 Scaron=160 scaron=161 Yuml=178 fnof=192 circ=2C6 tilde=2DC Alpha=391 Beta=392
            Gamma=393 Delta=394 Epsilon=395 Zeta=396 Eta=397 Theta=398 Iota=399 Kappa=39A Lambda=39B Mu=39C
            Nu=39D Xi=39E Omicron=39F Pi=3A0 Rho=3A1 Sigma=3A3 Tau=3A4 Upsilon=3A5 Phi=3A6 Chi=3A7 Psi=3A8
            Omega=3A9 alpha=3B1 beta=3B2 gamma=3B3 delta=3B4 epsilon=3B5 zeta=3B6 eta=3B7 theta=3B8 iota=3B9
            kappa=3BA lambda=3BB mu=3BC nu=3BD xi=3BE omicron=3BF pi=3C0 rho=3C1 sigmaf=3C2 sigma=3C3 tau=3C4
            upsilon=3C5 phi=3C6 chi=3C7 psi=3C8 omega=3C9 thetasym=3D1 upsih=3D2 piv=3D6 ensp=2002 emsp=2003
            thinsp=2009 zwnj=200C zwj=200D lrm=200E rlm=200F ndash=2013 mdash=2014 lsquo=2018 rsquo=2019
            sbquo=201A ldquo=201C rdquo=201D bdquo=201E dagger=2020 Dagger=2021 bull=2022 hellip=2026
            permil=2030 prime=2032 Prime=2033 lsaquo=2039 rsaquo=203A oline=203E frasl=2044 euro=20AC
            image=2111 weierp=2118 real=211C trade=2122 alefsym=2135 larr=2190 uarr=2191 rarr=2192 darr=2193
            harr=2194 crarr=21B5 lArr=21D0 uArr=21D1 rArr=21D2 dArr=21D3 hArr=21D4 forall=2200 part=2202
            exist=2203 empty=2205 nabla=2207 isin=2208 notin=2209 ni=220B prod=220F sum=2211 minus=2212
            lowast=2217 radic=221A prop=221D infin=221E ang=2220 and=2227 or=2228 cap=2229 cup=222A int=222B
            there4=2234 sim=223C cong=2245 asymp=2248 ne=2260 equiv=2261 le=2264 ge=2265 sub=2282 sup=2283
            nsub=2284 sube=2286 supe=2287 oplus=2295 otimes=2297 perp=22A5 sdot=22C5 lceil=2308 rceil=2309
            lfloor=230A rfloor=230B lang=2329 rang=232A loz=25CA spades=2660 clubs=2663 hearts=2665 diams=2666
            """;

    /** The characters of the numbers from 0x80, which are those of Windows-1252. */
    private static final String WINDOWS =
            "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

    private static final Pattern REFERENCE =
            Pattern.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)");

    private static final int MAX_DIGITS = 9;

    /** Characters by name, with the semicolon if it is required. */
    private static final Map<String, String> NAMED = named();

    private CharacterReferences() {}

    private static Map<String, String> named() {
        Map<String, String> named = new HashMap<>();
        char latin = 0xA0;
        for (var name : LATIN.strip().split("\\s+", -1)) {
            put(named, name, Character.toString(latin++));
        }
        put(named, "amp", "&");
        put(named, "lt", "<");
        put(named, "gt", ">");
        put(named, "quot", "\"");
        put(named, "AMP", "&");
        put(named, "LT", "<");
        put(named, "GT", ">");
        put(named, "QUOT", "\"");
        put(named, "COPY", "\u00A9");
        put(named, "REG", "\u00AE");
        named.put("apos;", "'");
        for (var entry : OTHERS.strip().split("\\s+", -1)) {
            int equals = entry.indexOf('=');
            int codePoint = Integer.parseInt(entry.substring(equals + 1), 16);
            named.put(entry.substring(0, equals) + ";", Character.toString(codePoint));
        }
        return Map.copyOf(named);
    }

    private static void put(Map<String, String> named, String name, String character) {
        named.put(name, character);
        named.put(name + ";", character);
    }

    static String replace(String text) {
        return text.indexOf('&') < 0
                ? text
                : REFERENCE.matcher(text).replaceAll(match -> Matcher.quoteReplacement(character(match.group(1))));
    }

    private static String character(String reference) {
        if (reference.startsWith("#")) {
            return numbered(reference);
        }
        for (int end = reference.length(); end > 1; end--) {
            var character = NAMED.get(reference.substring(0, end));
            if (character != null) {
                return character + reference.substring(end);
            }
        }
        return "&" + reference;
    }

    private static String numbered(String reference) {
        int end = reference.endsWith(";") ? reference.length() - 1 : reference.length();
        boolean hexadecimal = reference.charAt(1) == 'x' || reference.charAt(1) == 'X';
        int start = hexadecimal ? 2 : 1;
        while (start < end - 1 && reference.charAt(start) == '0') {
            start++;
        }
        if (end - start > MAX_DIGITS) {
            return "\uFFFD";
        }
        long number = Long.parseLong(reference.substring(start, end), hexadecimal ? 16 : 10);
        if (number >= 0x80 && number < 0x80 + WINDOWS.length()) {
            return WINDOWS.substring((int) number - 0x80, (int) number - 0x7F);
        }
        if (number == 0 || number > Character.MAX_CODE_POINT || (number >= 0xD800 && number < 0xE000)) {
            return "\uFFFD";
        }
        return isInvalid((int) number) ? "" : Character.toString((int) number);
    }

    /** Whether references to the character are removed: control characters and noncharacters. */
    private static boolean isInvalid(int c) {
        return (c < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r')
                || c == 0x7F
                || (c >= 0xFDD0 && c <= 0xFDEF)
                || (c & 0xFFFE) == 0xFFFE;
    }
}
