/// The dress of all pages: dark and light, for a telephone and for a printer.
enum PageStyle {
    /// The rules.
    static let sheet: StaticString = """
        :root{color-scheme:light dark;--page:#fff;--text:#1b1f24;--soft:#57606a;--line:#d4d9df;--faint:#eceff2;--code:#f2f4f7;
        --crit:#b3001b;--warn:#9a5b00;--note:#3a5a85;--link:#0b5cad;--gap:#8a929b;--area:#9fb3c8;--ink:#33475c;--a:#0072b2;--b:#c4501b;
        --irq:#d55e00;--softirq:#0072b2;--vector:#b0568a;--thread:#00805e;--work:#8a6400;--wake:#6e7781;
        --irq-box:#fbdcc6;--softirq-box:#c9e2f2;--vector-box:#f0d6e5;--thread-box:#c8ebdf;--work-box:#f3e3bd;--wake-box:#dfe3e7}
        @media screen and (prefers-color-scheme:dark){:root{--page:#14181d;--text:#e6e9ed;--soft:#9aa5b1;--line:#39424c;--faint:#20262d;
        --code:#1d232a;--crit:#ff7b72;--warn:#e3b341;--note:#79c0ff;--link:#79b8ff;--gap:#6b7580;--area:#4a5f75;--ink:#a9c1d9;
        --a:#56b4e9;--b:#f2946b;
        --irq:#f08a4b;--softirq:#56a9dd;--vector:#d68ab5;--thread:#3fbf95;--work:#d1a437;--wake:#8b949e;
        --irq-box:#5a2f14;--softirq-box:#123f5c;--vector-box:#50293f;--thread-box:#0f4636;--work-box:#4d3b0c;--wake-box:#343b43}}
        *{box-sizing:border-box}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);max-width:84rem;margin:1.5rem auto 4rem;padding:0 1rem}
        h1{font-size:1.5rem;line-height:1.25;margin:0 0 .4rem;overflow-wrap:anywhere}
        h2{font-size:1.15rem;margin:2.6rem 0 .5rem;padding-top:.6rem;border-top:1px solid var(--line)}
        h3{font-size:1rem;margin:1.4rem 0 .3rem}
        p{margin:.4rem 0;max-width:52rem;overflow-wrap:anywhere}
        a{color:var(--link)}.soft,figcaption,.x,.y{color:var(--soft)}.small{font-size:.87rem}
        bdi,td,.box{unicode-bidi:isolate}
        :focus-visible{outline:2px solid var(--link);outline-offset:2px}
        dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.6rem 0}
        dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        nav{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.8rem 0}
        ul.points{padding-left:1.2rem;margin:.4rem 0;max-width:56rem}.points li{margin:.3rem 0;overflow-wrap:anywhere}a.see{white-space:nowrap}
        .bad{color:var(--crit)}.good{color:var(--thread)}
        pre{background:var(--code);padding:.6rem;overflow-x:auto;margin:.5rem 0}
        section.find{border:1px solid var(--line);border-left-width:6px;border-radius:4px;padding:.8rem 1rem;margin:1rem 0}
        section.find h2{border:0;margin:0;padding:0;font-size:1.05rem}
        section.crit{border-left-color:var(--crit)}section.warn{border-left-color:var(--warn)}
        section.note{border-left-color:var(--note)}
        .verdicts{display:block;width:100%;height:.9rem}.v-crit{fill:var(--crit)}.v-warn{fill:var(--warn)}.v-note{fill:var(--note)}
        .v-open{fill:var(--gap)}.v-fine{fill:var(--thread)}
        .crit b{color:var(--crit)}.warn b{color:var(--warn)}.note b{color:var(--note)}
        figure{margin:0;min-width:0}figcaption{font-size:.87rem;line-height:1.35;margin-bottom:.25rem}
        figcaption b{color:var(--text);font-size:.95rem;overflow-wrap:anywhere}
        .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,32rem),1fr));gap:1.6rem 2.2rem;margin:.8rem 0}
        .plot{display:grid;grid-template-columns:3.6rem minmax(0,1fr);font-size:.75rem;line-height:1;font-variant-numeric:tabular-nums}
        .pic{position:relative;border-left:1px solid var(--line);border-bottom:1px solid var(--line)}
        .pic svg{position:absolute;inset:0;width:100%;height:100%;display:block;overflow:hidden}
        .y{position:relative;text-align:right}.y span{position:absolute;right:.4rem;transform:translateY(-50%);white-space:nowrap}
        .y .top{transform:none}.y .bot{transform:translateY(-100%)}
        .x{position:relative;height:1.4rem;grid-column:2;margin-top:.3rem;font-size:.75rem;line-height:1}
        .x span{position:absolute;transform:translateX(-50%);white-space:nowrap}.x .l{transform:none}.x .r{transform:translateX(-100%)}
        .heat{height:11rem}.rate{height:2.6rem;margin-top:3px}.y.rate{margin-top:3px}
        .heat path{fill:none;stroke-width:1}.net{stroke:var(--line);vector-effect:non-scaling-stroke;fill:none;stroke-width:1}
        .area{fill:var(--area)}.edge{fill:none;stroke:var(--ink);vector-effect:non-scaling-stroke;stroke-width:1}
        .gaps{position:absolute;inset:0;pointer-events:none;
        background:repeating-linear-gradient(135deg,var(--gap) 0 1.5px,transparent 1.5px 6px)}
        .trigger{position:absolute;top:0;bottom:0;width:0;border-left:2px dashed var(--crit)}
        .chip .trigger{left:50%}
        .storm{position:absolute;top:0;height:5px;min-width:3px;background:var(--crit)}
        .legend{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem 1.2rem;font-size:.87rem;color:var(--soft);margin:.5rem 0}
        .legend span{display:inline-flex;align-items:center;gap:.4rem}
        .chip{position:relative;display:inline-block;width:1.6rem;height:.9rem}
        .ramp{width:9rem;height:.9rem;display:block}
        .lanes{display:grid;grid-template-columns:max-content minmax(0,1fr) max-content;gap:2px .6rem;font-size:.8rem;
        font-variant-numeric:tabular-nums;align-items:center;margin:.6rem 0}
        .lanes .pic{height:2.1rem;border-left:0}
        .irq{fill:var(--irq)}.softirq{fill:var(--softirq)}.vector{fill:var(--vector)}.thread{fill:var(--thread)}
        .chip.irq{background:var(--irq)}.chip.softirq{background:var(--softirq)}.chip.vector{background:var(--vector)}
        .chip.thread{background:var(--thread)}
        .scroll{overflow-x:auto;margin:.4rem 0;max-width:100%}
        table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums}
        th{font-weight:600;color:var(--soft);font-size:.75rem;text-align:right;white-space:nowrap;padding:.25rem .5rem;
        border-bottom:1px solid var(--line);vertical-align:bottom}
        td{padding:.2rem .5rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--faint)}
        th.l,td.l{text-align:left}td.l{max-width:26rem;overflow:hidden;text-overflow:ellipsis}td.l:focus,td.l:hover{white-space:normal;overflow-wrap:anywhere}
        td.wrap{max-width:52rem;white-space:normal;overflow-wrap:anywhere}
        tbody tr:hover td{background:var(--faint)}tr:target td{background:var(--code)}
        th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
        th[aria-sort=ascending] button::after{content:" ↑"}th[aria-sort=descending] button::after{content:" ↓"}
        td.dist,th.dist{text-align:left;padding:0 .5rem;width:16rem;min-width:13rem}td.dist svg{display:block;width:100%;height:1.9rem}
        .dist .x{height:1rem;margin:0}
        .m50{stroke:var(--text);stroke-width:2}.m90,.m99,.m999{stroke:var(--soft);stroke-width:1}.mmax{stroke:var(--crit);stroke-width:2}
        .m50,.m90,.m99,.m999,.mmax{vector-effect:non-scaling-stroke;fill:none}
        .lane{position:relative;border-bottom:1px solid var(--line);overflow:hidden;font-size:.75rem;line-height:1.25rem}
        .gaps.wide{right:auto}.box{position:absolute;height:1.3rem;min-width:1px;text-indent:.2rem;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;
        color:var(--text);border-left:1px solid;border-radius:1px}
        .box.irq{background:var(--irq-box);border-color:var(--irq)}.box.softirq,.box.tasklet{background:var(--softirq-box);border-color:var(--softirq)}
        .box.vector{background:var(--vector-box);border-color:var(--vector)}.box.thread{background:var(--thread-box);border-color:var(--thread)}
        .box.work{background:var(--work-box);border-color:var(--work)}.box.wake,.box.task{background:var(--wake-box);border-color:var(--wake)}
        .box.slow{outline:2px solid var(--crit);outline-offset:-2px;font-weight:600}
        .wait{position:absolute;height:1.3rem;border:2px solid var(--crit);border-top:0;overflow:hidden;white-space:nowrap;padding:0 .3rem}
        details{margin:.5rem 0}summary{cursor:pointer}
        .find-box{display:flex;gap:.5rem;align-items:center;margin:.5rem 0}
        input{font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);border-radius:3px;padding:.2rem .4rem;width:18rem;max-width:100%}
        #tip{position:fixed;z-index:9;pointer-events:none;background:var(--text);color:var(--page);padding:.25rem .5rem;border-radius:3px;
        font-size:.82rem;max-width:24rem;white-space:pre-line;overflow-wrap:anywhere}
        #tip:empty{display:none}
        .cursor{position:absolute;border:1px solid var(--text);pointer-events:none}
        .pa{fill:none;stroke:var(--a);stroke-width:2;vector-effect:non-scaling-stroke}.pb{fill:none;stroke:var(--b);stroke-width:2;vector-effect:non-scaling-stroke}
        .pa.mark,.pb.mark{stroke-width:4}
        .ka{color:var(--a)}.kb{color:var(--b)}.chip.ka{background:var(--a);height:3px}.chip.kb{background:var(--b);height:3px}
        .h0{stroke:#95d740}.h1{stroke:#71ce56}.h2{stroke:#53c467}.h3{stroke:#3ab976}.h4{stroke:#27ac81}.h5{stroke:#229f87}
        .h6{stroke:#21928c}.h7{stroke:#26848d}.h8{stroke:#2b768e}.h9{stroke:#31688d}.h10{stroke:#375a8c}.h11{stroke:#3e4a88}
        .h12{stroke:#433a81}.h13{stroke:#472877}.h14{stroke:#461566}.h15{stroke:#440154}
        @media screen and (prefers-color-scheme:dark){.h0{stroke:#3c4f89}.h1{stroke:#365c8c}.h2{stroke:#30698d}.h3{stroke:#2b768e}.h4{stroke:#26838d}
        .h5{stroke:#228f8c}.h6{stroke:#219b88}.h7{stroke:#22a784}.h8{stroke:#31b27b}.h9{stroke:#43be71}.h10{stroke:#5dc762}
        .h11{stroke:#79d152}.h12{stroke:#9ad83c}.h13{stroke:#bcdf27}.h14{stroke:#dde326}.h15{stroke:#fde725}}
        @media (max-width:640px){body{padding:0 .7rem;margin-top:1rem}dl.facts{grid-template-columns:1fr}dt{margin-top:.3rem}
        .x span:nth-child(even){display:none}.plot{grid-template-columns:3.2rem minmax(0,1fr)}.lanes{gap:2px .3rem}}
        @media print{:root{color-scheme:light}body{margin:0;max-width:none;font-size:11px}nav,.find-box,#tip{display:none}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}figure,section,tr,.moment{break-inside:avoid}h2,h3{break-after:avoid}
        .grid{grid-template-columns:1fr 1fr}.scroll{overflow:visible}table{font-size:8px}td.l{max-width:none;white-space:normal}
        td.dist,th.dist{width:8rem;min-width:6rem}pre{white-space:pre-wrap}a{color:inherit;text-decoration:none}}

        """
}
