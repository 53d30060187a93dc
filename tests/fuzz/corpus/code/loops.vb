Shared n As Integer = 2
Public Const K As String = "k"
Dim h As New Hashtable

Public Function F(Optional x As Integer = 4) As String
  Dim a(3) As Integer, s As String
  For i As Integer = 0 To x Step 1
    a(i Mod 4) += i
    h(i) = a(i Mod 4)
    If i = 2 Then Continue For Else s &= i
  Next
  Select Case x
  Case 1, 2 To 5, Is > 100
    s = s & K
  Case Else
    Return "none"
  End Select
  Return s & G(n)
End Function
Sub S(ByRef v)
  v = v + 1
End Sub
Function G(n)
  S(n)
  Return n
End Function
