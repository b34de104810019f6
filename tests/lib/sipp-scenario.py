#!/usr/bin/env python3
"""SIPp scenarios, written short: sipp-scenario.py <short >scenario.xml

One step a line, what belongs to it indented below it:

    recv INVITE as i        a request; its headers are kept under i
      ~RAck: 7 1 INVITE     the message must match this (POSIX regex)
      !Require:.*100rel     the message must not
    recv? 100               a response that may come
    send 183 Session Progress
      for i                 an answer to that request, not to the last one
      tag a                 the To tag of this answer to a first INVITE
      Require: 100rel       any header (a Contact: instead of the usual one);
                            [$rseq] is the RSeq of the last 18x, [$rr]
                            the Record-Route of the last INVITE
      sdp 30000 8 sendonly  a description: port, payload type, direction
      body v=0|s=-          any body, its lines divided by |
    send INVITE             a request: as the caller
      cseq 2                its CSeq number
      from i a              or as the called, to whom i came, and its tag
      branch 1              the Via branch of one step earlier (ACK, CANCEL)
    pause 300
"""
import sys

CALLER = 'From: Alice <sip:alice@[local_ip]:[local_port]>;tag=[pid]a[call_number]'
CALLED = 'To: Bob <sip:bob@[remote_ip]:[remote_port]>'
CONTACT = 'Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>'
NAMES = {'0': 'PCMU', '8': 'PCMA', '9': 'G722', '18': 'G729'}
KEPT = ('From', 'To', 'CSeq')
used = []


def sdp(words):
    port, pt = words[0], words[1] if len(words) > 1 else '0'
    rest = words[2:]
    lines = ['Content-Type: application/sdp', 'Content-Length: [len]', '',
             'v=0', 'o=sipp 7 %s IN IP4 127.0.0.1' % port, 's=-',
             'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio %s RTP/AVP %s' % (port, pt),
             'a=rtpmap:%s %s/8000' % (pt, NAMES[pt])]
    return lines + ['a=' + word for word in rest]


def split(body):
    """What steers the message, its own headers, and its body."""
    steer, headers, end = {}, [], ['Content-Length: 0', '', '']
    for line in body:
        words = line.split()
        if words[0] in ('for', 'tag', 'cseq', 'from', 'branch'):
            steer[words[0]] = words[1:]
        elif words[0] == 'body':
            end = ['Content-Length: [len]', ''] + line[5:].split('|')
        elif words[0] == 'sdp':
            end = sdp(words[1:])
        else:
            headers.append(line)
    return steer, headers, end


def response(words, steer):
    kept = steer.get('for')
    tag = ';tag=' + steer['tag'][0] if 'tag' in steer else ''
    lines = ['SIP/2.0 ' + ' '.join(words)]
    via = ''
    for name in ('Via', 'From', 'To', 'Call-ID', 'CSeq'):
        if kept and name == 'Via':  # all rows, the last one's end too
            via = '[$%sVia]' % kept[0]
            continue
        if kept and name in KEPT:
            line = '%s:[$%s%s]' % (name, kept[0], name)
            used.append(kept[0] + name)
        else:
            line = '[last_%s:]' % name
        lines.append(via + line + (tag if name == 'To' else ''))
        via = ''
    return lines + [CONTACT]


def request(words, steer):
    method = words[0]
    first = method in ('INVITE', 'CANCEL') and steer.get('cseq', ['1'])[0] == '1'
    called = steer.get('from')
    branch = '-' + steer['branch'][0] if 'branch' in steer else ''
    again = steer.get('branch') and steer.get('cseq', ['1'])[0] == '1'
    lines = ['%s %s SIP/2.0' % (method, 'sip:bob@[remote_ip]:[remote_port]'
                                if (first or again) and not called
                                else '[next_url]'),
             'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch%s]'
             % branch]
    if called:
        used.extend([called[0] + 'To', called[0] + 'From'])
        lines += ['From:[$%sTo];tag=%s' % tuple(called),
                  'To:[$%sFrom]' % called[0]]
    else:
        lines += [CALLER, CALLED + ('' if first else '[peer_tag_param]')]
    return lines + ['Call-ID: [call_id]', 'CSeq: %s %s'
                    % (steer.get('cseq', ['1'])[0], method),
                    'Max-Forwards: 70', CONTACT]


def send(words, body):
    steer, headers, end = split(body)
    answer = words[0].isdigit()
    lines = (response if answer else request)(words, steer)
    again = '' if answer or words[0] == 'ACK' else ' retrans="500"'
    if any(line.startswith('Contact:') for line in headers):
        lines.remove(CONTACT)
    text = '\n'.join('\t' + line for line in lines + headers + end)
    print('  <send%s>\n<![CDATA[\n\n%s\n\n]]>\n  </send>' % (again, text))


def quoted(text):
    return (text.replace('&', '&amp;').replace('<', '&lt;')
            .replace('"', '&quot;'))


def recv(words, body, optional):
    kind = 'response' if words[0].isdigit() else 'request'
    actions = []
    for line in body:
        name = 'c%d' % len(used)
        used.append(name)
        actions.append('<ereg regexp="%s" search_in="msg" %s="true" '
                       'assign_to="%s"/>' % (
                           quoted(line[1:].strip()), 'check_it'
                           if line[0] == '~' else 'check_it_inverse', name))
    if kind == 'response' and words[0].startswith('18'):
        actions.append('<ereg regexp="[0-9]+" search_in="hdr" header="RSeq:" '
                       'assign_to="rseq"/>')
        used.append('rseq')
    if words[0] == 'INVITE':
        actions.append('<ereg regexp=".*" search_in="hdr" header="Record-Route:" '
                       'assign_to="rr"/>')
        used.append('rr')
    if 'as' in words:
        actions.append('<ereg regexp="(Via: [^[:cntrl:]]+[[:cntrl:]]+)+" '
                       'search_in="msg" assign_to="%sVia"/>' % words[-1])
        used.append(words[-1] + 'Via')
    for name in KEPT if 'as' in words else ():
        actions.append('<ereg regexp=".*" search_in="hdr" header="%s:" '
                       'assign_to="%s%s"/>' % (name, words[-1], name))
        used.append(words[-1] + name)
    print('  <recv %s="%s"%s rrs="true">' % (
        kind, words[0], ' optional="true"' if optional else ''))
    if actions:
        print('    <action>\n      %s\n    </action>' % '\n      '.join(actions))
    print('  </recv>')


def main():
    steps = []
    for line in sys.stdin.read().splitlines():
        if line[:1] in ' \t' and line.strip():
            steps[-1][1].append(line.strip())
        elif line.strip():
            steps.append((line.split(), []))
    print('<?xml version="1.0" encoding="ISO-8859-1" ?>\n'
          '<!DOCTYPE scenario SYSTEM "sipp.dtd">\n<scenario name="short">')
    for words, body in steps:
        if words[0] == 'send':
            send(words[1:], body)
        elif words[0] in ('recv', 'recv?'):
            recv(words[1:], body, words[0] == 'recv?')
        else:
            print('  <pause milliseconds="%s"/>' % words[1])
    if used:  # SIPp wants each variable to be read somewhere
        print('  <Reference variables="%s"/>' % ','.join(sorted(set(used))))
    print('</scenario>')


main()
