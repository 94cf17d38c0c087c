internal import Glibc

/// A description of common terminals, for boxes that have no terminfo.
enum BuiltInTerminal {
    /// Has ncurses take this description if it fits the terminal that TERM names; false if it does not.
    ///
    /// ncurses takes a compiled description out of TERMINFO, and looks for TERM among its names (terminfo(5)).
    static func use() -> Bool {
        guard unsafe getenv("TERMINFO") == nil else { return false }
        return unsafe setenv("TERMINFO", "b64:" + description, 1) == 0
    }

    /// The file packaging/terminals.ti, compiled as it says.
    static let description = """
        GgHBAA8ADwBpAd8AeHRlcm18eHRlcm0tMjU2Y29sb3J8eHRlcm0tY29sb3J8eHRlcm0ta2l0dHl8eHRlcm0tZ2hvc3R0eXxzY3JlZW58c2NyZW\
        VuLTI1NmNvbG9yfHRtdXh8dG11eC0yNTZjb2xvcnxsaW51eHxhbGFjcml0dHl8Zm9vdHxyeHZ0LXVuaWNvZGV8cnh2dC11bmljb2RlLTI1NmNv\
        bG9yfHdlenRlcm18dnQyMjB8YW5zaXxjb21tb24gdGVybWluYWxzAAABAAABAAAAAAAAAAAAAVAACAAYAP//////////////////////////CA\
        BAAP//AAACAP////8EAAwAEAD/////FAAlACcAKwAyAP//NAA7AP//PwD//////////////////0MASAD//1EA////////VgD//////////1sA\
        XwD/////////////////////////////////////aAD/////////////agD//////////24AcgB4AHwAgACEAIoAkACWAJwAogD/////pgD//6\
        oArwC0AP///////7gA////////////////////////////////////////////////////////////////////////////////////////////\
        /////////////////7wA//////////////////////////////////////////////////////////////////////////////////////////\
        ++AP//////////////////////////////////////////////////////////////////////////////////////////////////////////\
        //////////////////////////////////////////////////////////////////////////////////////////////////////////////\
        //////////////////////////////////////////////////////////////////////////////////////////////////////////////\
        /////////////////////////8IA//////////////////////////////////////////////////////////////////////////////////\
        /////////////////////////////////////////////////////////////////////////////////LANUABwANABtbSBtbMkoAG1tLABtb\
        SgAbWyVpJXAxJWQ7JXAyJWRIAAoAG1tIABtbPzI1bAAIABtbPzI1aAAbW0MAG1tBABtbMW0AG1s/MTA0OWgAG1sybQAbWzdtABtbbQAbWz8xMD\
        Q5bAB/ABtbQgAbT1AAG1syMX4AG09RABtPUgAbT1MAG1sxNX4AG1sxN34AG1sxOH4AG1sxOX4AG1syMH4AG1tIABtbRAAbWzZ+ABtbNX4AG1tD\
        ABtbQQAKABtbRgAbWzM5OzQ5bQAbWzMlcDElZG0AG1s0JXAxJWRtAA==
        """
}
